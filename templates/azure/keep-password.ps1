#Requires -Version 5.1

<#
.SYNOPSIS
    Keeps the password of the lab's guests over the restart that Hyper-V needs. Run by Azure before setup.ps1.

.DESCRIPTION
    The guests are made after the restart, by a start-up task that nobody is there to answer. Until then the password lies in
    the folder of the lab's scripts, in password.dpapi: encrypted by Windows for the account that ran this script (SYSTEM, which
    the task runs as, too), and readable for SYSTEM and administrators only. setup.ps1 removes the file when the guests are made
    or it gives up, restart.ps1 when no task waits, remove.ps1 always.

    Azure hands the password over as base64, so that no character of it means anything on a command line. On a machine that is
    set up already, nothing is kept. Exit codes: 0 kept, or not needed; 1 something failed.

.PARAMETER LabName
    The lab.

.PARAMETER PasswordBase64
    The password of the accounts in its guests.
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory)]
    [ValidatePattern('^[A-Za-z][A-Za-z0-9-]*$')]
    [string] $LabName,

    [Parameter(Mandatory)]
    [string] $PasswordBase64
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Write-LabText {
    param([string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Test-LabDone {
    # setup.ps1 has got past the restart before, and no start-up task waits for another one
    param([string] $Folder)
    if (-not (Test-Path -LiteralPath ($Folder + '\created.jsonl') -PathType Leaf)) { return $false }
    $hyperv = @(Get-Service | Where-Object { $_.Name -eq 'vmms' -and [string] $_.Status -eq 'Running' })
    $task = @(ScheduledTasks\Get-ScheduledTask -ErrorAction Stop | Where-Object { $_.TaskName -eq ('labc-' + $LabName) })
    $hyperv.Count -gt 0 -and $task.Count -eq 0
}

function Save-LabPassword {
    # the rights come before the content; both stay when the content is written
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([string] $Folder)
    $path = $Folder + '\password.dpapi'
    if (-not $PSCmdlet.ShouldProcess($path)) { return }
    $password = New-Object -TypeName 'System.Security.SecureString'
    foreach ($letter in [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($PasswordBase64)).ToCharArray()) {
        $password.AppendChar($letter)
    }
    if ($password.Length -eq 0) { throw 'The password is empty.' }
    if (-not (Test-Path -LiteralPath $Folder -PathType Container)) {
        $null = New-Item -Path $Folder -ItemType Directory -Force
    }
    Set-Content -LiteralPath $path -Value '' -NoNewline -Encoding ASCII -Force
    $acl = New-Object -TypeName 'System.Security.AccessControl.FileSecurity'
    $acl.SetSecurityDescriptorSddlForm('D:PAI(A;;FA;;;SY)(A;;FA;;;BA)')
    Set-Acl -LiteralPath $path -AclObject $acl
    $text = ConvertFrom-SecureString -SecureString $password
    Set-Content -LiteralPath $path -Value $text -NoNewline -Encoding ASCII -Force
    Write-LabText -Text 'The password of the guests is kept, encrypted, until setup.ps1 has made them.'
}

$folder = 'C:\Program Files\labc\' + $LabName
if (Test-LabDone -Folder $folder) { Write-LabText -Text 'This machine is set up: no password is kept.' }
else { Save-LabPassword -Folder $folder }
exit 0
