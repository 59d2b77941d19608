// How main.bicepparam reads the variables of an azd environment. Lists and objects are taken as JSON and in a short form
// without quotation marks, which Windows PowerShell 5.1 strips from arguments of programs ("about_Quoting_Rules";
// PowerShell/PowerShell#1995). An empty variable counts as none: `azd env set NAME ''` leaves one.

@export()
@description('The value, or another one where it is empty.')
func textOr(text string, otherwise string) string => empty(trim(text)) ? otherwise : trim(text)

func isJson(text string) bool => startsWith(trim(text), '[') || startsWith(trim(text), '{')

func partsOf(text string, separator string) string[] =>
  filter(map(split(text, separator), part => trim(part)), part => !empty(part))

@export()
@description('A list of texts: ["a","b"], or a;b.')
func listOf(text string) array => isJson(text) ? json(text) : partsOf(text, ';')

@export()
@description('Names and values: {"name":"value"}, or name=value;name=value.')
func objectOf(text string) object =>
  isJson(text)
    ? json(text)
    : toObject(
        partsOf(text, ';'),
        pair => trim(split(pair, '=')[0]),
        pair => trim(join(skip(split(pair, '='), 1), '='))
      )

@export()
@description('Watched vaults: JSON, or id,location;id,location,auditLog. After the location: auditLog, noEvents.')
func vaultsOf(text string) array =>
  isJson(text)
    ? json(text)
    : map(partsOf(text, ';'), vault => {
        id: partsOf(vault, ',')[0]
        location: partsOf(vault, ',')[1]
        events: !contains(skip(partsOf(vault, ','), 2), 'noEvents')
        auditLog: contains(skip(partsOf(vault, ','), 2), 'auditLog')
      })

@export()
@description('Telephones: JSON, or +49 15100000000;+1 5550100.')
func phonesOf(text string) array =>
  isJson(text)
    ? json(text)
    : map(partsOf(text, ';'), phone => {
        countryCode: replace(partsOf(phone, ' ')[0], '+', '')
        phoneNumber: join(skip(partsOf(phone, ' '), 1), '')
      })

@export()
@description('Instances that never sleep: JSON, or function:storageQueue=1;http=1. []: none.')
func instancesOf(text string) array =>
  isJson(text)
    ? json(text)
    : map(partsOf(text, ';'), one => {
        name: trim(split(one, '=')[0])
        instanceCount: int(trim(split(one, '=')[1]))
      })
