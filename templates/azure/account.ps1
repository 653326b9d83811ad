#Requires -Version 5.1

<#
.SYNOPSIS
    Creates the students' account on a machine of the lab, without administrator rights. Run by Azure before setup.ps1.

.DESCRIPTION
    An account of that name that exists already keeps its password, and stays as it is if somebody else made it. Name and password come as base64,
    so that no character of them means anything on a command line. Nothing is written to a file.

.PARAMETER UserBase64
    Its name.

.PARAMETER PasswordBase64
    Its first password.
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory)]
    [string] $UserBase64,

    [Parameter(Mandatory)]
    [string] $PasswordBase64
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# the mark of an account that this script made
$mark = 'Students of the lab'

function Write-LabText {
    param([string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function New-LabAccount {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([string] $Name, [string] $Text)
    if (-not $PSCmdlet.ShouldProcess($Name)) { return }
    $password = New-Object -TypeName 'System.Security.SecureString'
    foreach ($letter in $Text.ToCharArray()) { $password.AppendChar($letter) }
    $null = New-LocalUser -Name $Name -Password $password -Description $mark
    Write-LabText -Text ('The account {0} was created.' -f $Name)
}

function Add-LabMember {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([string] $Sid, [string] $Name)
    if (@(Get-LocalGroupMember -SID $Sid | Where-Object { ($_.Name -split '\\')[-1] -eq $Name }).Count -gt 0) { return }
    if (-not $PSCmdlet.ShouldProcess($Name)) { return }
    Add-LocalGroupMember -SID $Sid -Member $Name
}

$user = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($UserBase64))
$first = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($PasswordBase64))
$have = @(Get-LocalUser | Where-Object { $_.Name -eq $user })
if ($have.Count -eq 0) { New-LabAccount -Name $user -Text $first }
else { Write-LabText -Text ('The account {0} exists.' -f $user) }
if ($have.Count -eq 0 -or $have[0].Description -eq $mark) {
    # Users and, for Remote Desktop, Remote Desktop Users: found by their SIDs, the names are localized
    Add-LabMember -Sid 'S-1-5-32-545' -Name $user
    Add-LabMember -Sid 'S-1-5-32-555' -Name $user
}
exit 0
