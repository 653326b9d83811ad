#Requires -Version 5.1

<#
.SYNOPSIS
    Restarts a machine on which setup.ps1 has turned on Hyper-V and left a start-up task. Run by Azure after setup.ps1.

.DESCRIPTION
    Where no task waits, nobody will need the password that keep-password.ps1 has kept: it is removed.

    Exit codes: 0 the restart comes in a minute, or none is needed; 1 setup.ps1 did not get that far.

.PARAMETER TaskName
    The start-up task that goes on after the restart.
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory)]
    [ValidatePattern('^labc-[A-Za-z][A-Za-z0-9-]*$')]
    [string] $TaskName
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Write-LabText {
    param([string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Clear-LabPassword {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([string] $Path)
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf) -or -not $PSCmdlet.ShouldProcess($Path)) { return }
    Remove-Item -LiteralPath $Path -Force
    Write-LabText -Text 'The kept password of the guests was removed.'
}

$task = @(ScheduledTasks\Get-ScheduledTask -ErrorAction Stop | Where-Object { $_.TaskName -eq $TaskName })
if ($task.Count -gt 0) {
    Write-LabText -Text 'Windows restarts in a minute; setup goes on by itself.'
    & shutdown.exe /r /t 60
    # 1190: a restart is on its way already
    if ($LASTEXITCODE -eq 1190) { exit 0 }
    exit $LASTEXITCODE
}
Clear-LabPassword -Path ('C:\Program Files\labc\{0}\password.dpapi' -f $TaskName.Substring(5))
if (@(Get-Service | Where-Object { $_.Name -eq 'vmms' -and [string] $_.Status -eq 'Running' }).Count -gt 0) {
    Write-LabText -Text 'Hyper-V runs: no restart is needed.'
    exit 0
}
Write-LabText -Text 'setup.ps1 did not get as far as the restart: its output says why.'
exit 1
