#Requires -Version 5.1

<#
.SYNOPSIS
    Creates the students' account on a machine of the lab, without administrator rights. Run by Azure before setup.ps1,
    or by a person where Azure does not run it: .\account.ps1 -User student

.DESCRIPTION
    An account of that name that exists already keeps its password, and stays as it is if somebody else made it. Azure hands name and password over
    as base64, so that no character of them means anything on a command line; a person is asked for the password. Nothing is written to a file.

.PARAMETER UserBase64
    Its name.

.PARAMETER PasswordBase64
    Its first password.

.PARAMETER User
    Its name, for a person who is asked for the first password.
#>
[CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Person')]
param(
    [Parameter(Mandatory, ParameterSetName = 'Azure')]
    [string] $UserBase64,

    [Parameter(Mandatory, ParameterSetName = 'Azure')]
    [string] $PasswordBase64,

    [Parameter(Mandatory, ParameterSetName = 'Person')]
    [string] $User
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# the mark of an account that this script made
$mark = 'Students of the lab'

function Write-LabText {
    param([string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Get-LabFirst {
    # what Azure handed over, else what a person types
    param([string] $Name, [string] $Coded)
    if (-not $Coded) { return Read-Host -Prompt ('First password of {0} (you choose it)' -f $Name) -AsSecureString }
    $first = New-Object -TypeName 'System.Security.SecureString'
    foreach ($letter in [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Coded)).ToCharArray()) { $first.AppendChar($letter) }
    $first
}

function New-LabAccount {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([string] $Name, [string] $Coded)
    if (-not $PSCmdlet.ShouldProcess($Name)) { return }
    $password = Get-LabFirst -Name $Name -Coded $Coded
    if ($password.Length -eq 0) { throw 'No password was typed: nothing was created.' }
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

$name = $User
if ($UserBase64) { $name = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($UserBase64)) }
$have = @(Get-LocalUser | Where-Object { $_.Name -eq $name })
if ($have.Count -eq 0) { New-LabAccount -Name $name -Coded $PasswordBase64 }
else { Write-LabText -Text ('The account {0} exists.' -f $name) }
if ($have.Count -eq 0 -or $have[0].Description -eq $mark) {
    # Users and, for Remote Desktop, Remote Desktop Users: found by their SIDs, the names are localized
    Add-LabMember -Sid 'S-1-5-32-545' -Name $name
    Add-LabMember -Sid 'S-1-5-32-555' -Name $name
}
exit 0
