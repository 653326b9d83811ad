#Requires -Version 5.1

<#
.SYNOPSIS
    Creates the students' account on a machine of the lab, without administrator rights. Run by Azure before setup.ps1.

.DESCRIPTION
    An account of that name that exists already stays as it is, with its password. Name and password come as base64,
    so that no character of them means anything on a command line. Nothing is written to a file.

.PARAMETER UserBase64
    Its name.

.PARAMETER PasswordBase64
    Its first password.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $UserBase64,

    [Parameter(Mandatory)]
    [string] $PasswordBase64
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$user = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($UserBase64))
if (@(Get-LocalUser | Where-Object { $_.Name -eq $user }).Count -gt 0) {
    Write-Output -InputObject ('The account {0} exists.' -f $user)
    exit 0
}
$password = New-Object -TypeName 'System.Security.SecureString'
foreach ($letter in [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($PasswordBase64)).ToCharArray()) {
    $password.AppendChar($letter)
}
$null = New-LocalUser -Name $user -Password $password -Description 'Students of the lab'
# the group Users is found by its SID: its name is localized
Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $user
# for Remote Desktop
Add-LocalGroupMember -SID 'S-1-5-32-555' -Member $user
Write-Output -InputObject ('The account {0} was created.' -f $user)
exit 0
