#Requires -Version 5.1

<#
.SYNOPSIS
    Deletes the lab from Azure: lists what carries the lab's tag, wants the lab's name typed, then deletes just that.

.DESCRIPTION
    Machines are deleted with their disks and all work on them. The resource group itself stays, and whatever else is in it.
    The same for every lab: the lab's name stands in deploy.json. Needs the Azure CLI (https://aka.ms/azure-cli), signed in.
    With -WhatIf it only lists.

    Exit codes: 0 all gone; 1 something is left; 2 refused or not wanted, nothing was changed.

.PARAMETER ResourceGroup
    Where the lab is.

.EXAMPLE
    powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\destroy.ps1 -ResourceGroup class
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory)]
    [ValidatePattern('^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?$')]
    [string] $ResourceGroup
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Write-LabText {
    param([Parameter(Mandatory)][AllowEmptyString()][string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Get-LabResource {
    # ids of what carries the tag
    param([Parameter(Mandatory)][string] $Lab)
    $list = @('resource', 'list', '--resource-group', $ResourceGroup, '--query', ('[?tags.labc==''{0}''].id' -f $Lab), '--output', 'tsv')
    $ids = @(& az @list)
    if ($LASTEXITCODE -ne 0) { throw 'az resource list failed' }
    $ids | ForEach-Object { ([string] $_).Trim() } | Where-Object { $_ -ne '' }
}

function Get-LabOrder {
    # machines and labs first: they take their parts along
    param([Parameter(Mandatory)][string[]] $Id)
    $Id | Where-Object { $_ -match '/virtualMachines/[^/]*$' }
    $Id | Where-Object { $_ -match '/labs/[^/]*$' }
    $Id | Where-Object { $_ -notmatch '/(virtualMachines|labs)/[^/]*$' }
}

function Remove-LabResource {
    # what others need cannot go first, so whatever is left is tried again
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low')]
    param(
        [Parameter(Mandatory)][string] $Lab,
        [Parameter(Mandatory)][string[]] $Id
    )
    $left = $Id
    while ($left.Count -gt 0) {
        foreach ($one in @(Get-LabOrder -Id $left)) {
            if (-not $PSCmdlet.ShouldProcess($one, 'Delete')) { continue }
            Write-LabText -Text ('deleting ' + ($one -replace '^.*/providers/', ''))
            $list = @('resource', 'delete', '--ids', $one, '--output', 'none')
            $null = & az @list
        }
        $now = @(Get-LabResource -Lab $Lab)
        if ($now.Count -ge $left.Count) { break }
        $left = $now
    }
    $left
}

$code = 2
try {
    $data = [IO.Path]::Combine($PSScriptRoot, 'deploy.json')
    if (-not [IO.File]::Exists($data)) { throw 'deploy.json is missing beside this script' }
    $lab = ''
    foreach ($line in [IO.File]::ReadAllLines($data)) {
        if ($line -cmatch '^  "lab": "([A-Za-z0-9-]+)",?$') { $lab = $Matches[1] }
    }
    if ($lab -eq '') { throw 'deploy.json was changed; build the lab again' }
    if ($null -eq (Get-Command -Name 'az' -ErrorAction Ignore)) { throw 'the Azure CLI is missing: https://aka.ms/azure-cli' }
    $null = & az account show --output none
    if ($LASTEXITCODE -ne 0) { throw 'sign in first: az login' }
    $found = @(Get-LabResource -Lab $lab)
    if ($found.Count -eq 0) {
        Write-LabText -Text ('Nothing in {0} carries the tag labc={1}: there is nothing to delete.' -f $ResourceGroup, $lab)
        $code = 0
    }
    else {
        Write-LabText -Text ('These carry the tag labc={0}, and would be deleted:' -f $lab)
        foreach ($id in $found) { Write-LabText -Text ('  ' + ($id -replace '^.*/providers/', '')) }
        Write-LabText -Text 'Disks of machines go with them. This cannot be undone.'
        if ($WhatIfPreference) { $code = 0 }
        else {
            $Host.UI.Write('Type the lab''s name to delete them: ')
            if ($Host.UI.ReadLine() -cne $lab) { throw ('that is not {0}: nothing was deleted' -f $lab) }
            $code = 1
            $left = @(Remove-LabResource -Lab $lab -Id $found -Confirm:$false)
            foreach ($id in $left) { Write-Warning -Message ('could not be deleted: ' + $id) }
            if ($left.Count -eq 0) {
                Write-LabText -Text ('Done: nothing in {0} carries the tag labc={1} any more.' -f $ResourceGroup, $lab)
                $code = 0
            }
        }
    }
}
catch {
    Write-Warning -Message $_.Exception.Message
}
exit $code
