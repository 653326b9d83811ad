#Requires -Version 5.1

<#
.SYNOPSIS
    Creates or changes the lab in Azure: says what it needs, shows what would happen, asks, then does it.

.DESCRIPTION
    The same for every lab: the lab's data stands in deploy.json, azuredeploy.json and azuredeploy.parameters.json.
    Needs the Azure CLI (https://aka.ms/azure-cli), signed in. With -WhatIf it only shows what would happen.

    Exit codes: 0 done; 1 Azure said no; 2 refused or not wanted, nothing was changed.

.PARAMETER ResourceGroup
    Where the lab goes. Made if it does not exist and -Region is given.

.PARAMETER Region
    The region of a resource group that does not exist yet.

.PARAMETER Count
    At most this number of machines of each kind; 1 to try the lab first.

.PARAMETER Parameters
    Files of more parameters, such as references to a key vault; what stands there is not asked for.

.EXAMPLE
    powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\deploy.ps1 -ResourceGroup class -Region westeurope -Count 1
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory)]
    [ValidatePattern('^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?$')]
    [string] $ResourceGroup,

    [Parameter()]
    [ValidatePattern('^[A-Za-z0-9]*$')]
    [string] $Region = '',

    [Parameter()]
    [ValidateRange(0, 9999)]
    [int] $Count = -1,

    [Parameter()]
    [string[]] $Parameters = @()
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Write-LabText {
    param([Parameter(Mandatory)][AllowEmptyString()][string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Get-LabValue {
    # one line a value; what does not look like one is not taken
    param(
        [Parameter(Mandatory)][AllowEmptyString()][string[]] $Lines,
        [Parameter(Mandatory)][string] $Name
    )
    foreach ($line in $Lines) {
        if ($line -cmatch ('^  "{0}": "([A-Za-z0-9-]*)",?$' -f $Name)) { return $Matches[1] }
    }
    ''
}

function Get-LabItem {
    param(
        [Parameter(Mandatory)][AllowEmptyString()][string[]] $Lines,
        [Parameter(Mandatory)][string] $Name
    )
    $inside = $false
    foreach ($line in $Lines) {
        if ($line -ceq ('  "{0}": [' -f $Name)) { $inside = $true }
        elseif ($line -like '  ]*') { $inside = $false }
        elseif ($inside -and $line -cmatch '^    "(.*)",?$') { $Matches[1] }
    }
}

function Test-LabPassword {
    # 12 to 72 characters of three kinds, as Azure wants them
    param([Parameter(Mandatory)][AllowEmptyString()][string] $Text)
    $kinds = @('[a-z]', '[A-Z]', '[0-9]', '[^a-zA-Z0-9]' | Where-Object { $Text -cmatch $_ })
    $Text.Length -ge 12 -and $Text.Length -le 72 -and $kinds.Count -ge 3
}

function ConvertTo-LabJson {
    # a JSON string; control characters were refused before
    param([Parameter(Mandatory)][string] $Text)
    '"' + $Text.Replace('\', '\\').Replace('"', '\"') + '"'
}

function Read-LabSecret {
    param([Parameter(Mandatory)][string] $Prompt)
    # passwords and tokens are not shown
    $Host.UI.Write($Prompt + ': ')
    if ($Prompt -cnotmatch 'Password|Token') { return $Host.UI.ReadLine() }
    $secure = $Host.UI.ReadLineAsSecureString()
    $pointer = [Runtime.InteropServices.Marshal]::SecureStringToBSTR($secure)
    try { [Runtime.InteropServices.Marshal]::PtrToStringBSTR($pointer) }
    finally { [Runtime.InteropServices.Marshal]::ZeroFreeBSTR($pointer) }
}

function Get-LabSecret {
    # what is asked for: a parameter file as text
    param([Parameter(Mandatory)][AllowEmptyCollection()][string[]] $Names)
    $items = @(foreach ($name in $Names) {
            # what a guest's password must be, the guest's system decides; Azure's own rule is for its machines
            $guests = $name -ceq 'guestPassword'
            if ($guests) {
                Write-LabText -Text 'The password of the accounts in the guests; Windows wants 8 characters of three kinds.'
            }
            $first = Read-LabSecret -Prompt $name
            if ($guests -and $first.Length -gt 127) { throw ('{0}: 127 characters at most' -f $name) }
            if ($name -like '*Password') {
                if (-not $guests -and -not (Test-LabPassword -Text $first)) {
                    throw ('{0}: 12 to 72 characters, with three of lower case, upper case, digits, symbols' -f $name)
                }
                if ((Read-LabSecret -Prompt ($name + ' again')) -cne $first) { throw ('{0}: the two differ' -f $name) }
            }
            if ($first -eq '' -or $first -match '[\x00-\x1f\x7f]') { throw ('{0} is needed, without control characters' -f $name) }
            ' "{0}": {{ "value": {1} }}' -f $name, (ConvertTo-LabJson -Text $first)
        })
    '{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",' +
    ' "contentVersion": "1.0.0.0", "parameters": {' + ($items -join ',') + ' } }'
}

function Invoke-LabAzure {
    # az is a batch file on Windows: what it is given has been checked, or is a plain name in the current folder
    param([Parameter(Mandatory)][string[]] $Arguments)
    & az @Arguments
    if ($LASTEXITCODE -ne 0) { throw ('az {0} {1} failed' -f $Arguments[0], $Arguments[1]) }
}

function Invoke-LabDeployment {
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    param(
        [Parameter(Mandatory)][string] $Lab,
        [Parameter(Mandatory)][string] $CountName,
        [Parameter(Mandatory)][string] $Folder,
        [Parameter(Mandatory)][AllowEmptyCollection()][string[]] $Secrets
    )
    if ((Invoke-LabAzure -Arguments @('group', 'exists', '--name', $ResourceGroup)) -ne 'true') {
        if ($Region -eq '') {
            throw ('there is no resource group {0}; to make it, add -Region REGION' -f $ResourceGroup)
        }
        if (-not $PSCmdlet.ShouldProcess($ResourceGroup, ('Make the resource group in ' + $Region))) { return $false }
        Invoke-LabAzure -Arguments @('group', 'create', '--name', $ResourceGroup, '--location', $Region,
            '--tags', ('labc=' + $Lab), '--output', 'none')
    }
    [IO.File]::WriteAllText([IO.Path]::Combine($Folder, 'secret.json'), (Get-LabSecret -Names $Secrets))
    $list = @('--resource-group', $ResourceGroup, '--name', $Lab, '--template-file', 'azuredeploy.json',
        '--parameters', '@azuredeploy.parameters.json')
    for ($i = 0; $i -lt $Parameters.Count; $i++) { $list += @('--parameters', ('@more{0}.json' -f $i)) }
    $list += @('--parameters', '@secret.json')
    if ($Count -ge 0) { $list += @('--parameters', ('{0}={1}' -f $CountName, $Count)) }
    Write-LabText -Text 'What would happen:'
    Invoke-LabAzure -Arguments (@('deployment', 'group', 'what-if') + $list) | ForEach-Object { Write-LabText -Text ([string] $_) }
    if (-not $PSCmdlet.ShouldProcess($ResourceGroup, 'Do what is shown above')) { return $false }
    Invoke-LabAzure -Arguments (@('deployment', 'group', 'create') + $list + @('--query', 'properties.outputs')) |
        ForEach-Object { Write-LabText -Text ([string] $_) }
    $true
}

$code = 2
$work = ''
$place = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
try {
    foreach ($file in @('deploy.json', 'azuredeploy.json', 'azuredeploy.parameters.json')) {
        if (-not [IO.File]::Exists([IO.Path]::Combine($PSScriptRoot, $file))) { throw ($file + ' is missing beside this script') }
    }
    $lines = [IO.File]::ReadAllLines([IO.Path]::Combine($PSScriptRoot, 'deploy.json'))
    $lab = Get-LabValue -Lines $lines -Name 'lab'
    $countName = Get-LabValue -Lines $lines -Name 'count'
    if ($lab -eq '' -or $countName -eq '') { throw 'deploy.json was changed; build the lab again' }
    $retires = Get-LabValue -Lines $lines -Name 'retires'
    if ($retires -ne '' -and [string]::CompareOrdinal([datetime]::UtcNow.ToString('yyyy-MM-dd'), $retires) -gt 0) {
        throw ('this service ended on {0}: nothing can be deployed to it any more. labc migrate moves the lab' -f $retires)
    }
    if ($null -eq (Get-Command -Name 'az' -ErrorAction Ignore)) { throw 'the Azure CLI is missing: https://aka.ms/azure-cli' }
    $null = & az account show --output none
    if ($LASTEXITCODE -ne 0) { throw 'sign in first: az login' }

    Write-LabText -Text ('The lab {0} needs, with all its machines:' -f $lab)
    foreach ($line in @(Get-LabItem -Lines $lines -Name 'needs')) { Write-LabText -Text ('  ' + $line) }
    Write-LabText -Text 'What the quota of the region has left: az vm list-usage --location REGION --output table'

    # a folder that only this user may read, with plain names: no path of this machine goes through az
    $work = [IO.Path]::Combine([IO.Path]::GetTempPath(), 'labc-' + [guid]::NewGuid().ToString('N'))
    $null = [IO.Directory]::CreateDirectory($work)
    foreach ($file in @('azuredeploy.json', 'azuredeploy.parameters.json')) {
        [IO.File]::Copy([IO.Path]::Combine($PSScriptRoot, $file), [IO.Path]::Combine($work, $file))
    }
    $secrets = @(Get-LabItem -Lines $lines -Name 'secrets')
    for ($i = 0; $i -lt $Parameters.Count; $i++) {
        $from = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Parameters[$i])
        if (-not [IO.File]::Exists($from)) { throw ('there is no file ' + $from) }
        [IO.File]::Copy($from, [IO.Path]::Combine($work, ('more{0}.json' -f $i)))
        $text = [IO.File]::ReadAllText($from)
        $secrets = @($secrets | Where-Object { $text -cnotmatch ('"{0}"\s*:' -f $_) })
    }
    $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($work))
    $code = 1
    if (Invoke-LabDeployment -Lab $lab -CountName $countName -Folder $work -Secrets $secrets) {
        Write-LabText -Text 'Done. README.md has the next step.'
        $code = 0
    }
    else {
        Write-LabText -Text 'Nothing was changed.'
        $code = 2
        if ($WhatIfPreference) { $code = 0 }
    }
}
catch {
    Write-Warning -Message $_.Exception.Message
}
finally {
    $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($place))
    if ($work -ne '' -and [IO.Directory]::Exists($work)) { [IO.Directory]::Delete($work, $true) }
}
exit $code
