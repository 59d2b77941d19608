// Whom Azure Monitor notifies, besides those that Lockwatch notifies itself.

@export()
@description('A telephone for text messages or calls. The supported countries differ: "Action groups", section SMS and voice.')
type alertPhone = {
  @description('Without the plus sign: 1, 44, 49.')
  countryCode: string
  phoneNumber: string
}
