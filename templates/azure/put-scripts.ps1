# Puts start-lab.ps1 and reset.ps1 where students find them on the machine. Run by Azure before setup.ps1.
# Each is written only where it differs; the record tells remove.ps1 that it is the lab's.
#Requires -Version 5.1
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory)]
    [ValidatePattern('^[A-Za-z][A-Za-z0-9-]*$')]
    [string] $LabName
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$file = @{}
# --- the files ---
# --- end of the files ---

function Write-LabText {
    param([string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Save-LabScript {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([string] $Folder, [string] $Name, [string[]] $Line)
    $path = '{0}\{1}' -f $Folder, $Name
    $have = @()
    if (Test-Path -LiteralPath $path -PathType Leaf) { $have = @(Get-Content -LiteralPath $path -Encoding UTF8) }
    if (($have -join [char] 10) -ceq ($Line -join [char] 10)) { return }
    if (-not $PSCmdlet.ShouldProcess($path)) { return }
    if (-not (Test-Path -LiteralPath $Folder -PathType Container)) {
        $null = New-Item -Path $Folder -ItemType Directory -Force
    }
    $one = [pscustomobject]@{
        time = [datetime]::UtcNow.ToString('o')
        kind = 'script'
        name = $path
        from = ''
        gone = $false
    }
    $record = ConvertTo-Json -InputObject $one -Compress
    Add-Content -LiteralPath ($Folder + '\created.jsonl') -Value $record -Encoding UTF8
    Set-Content -LiteralPath $path -Value $Line -Encoding ASCII -Force
    Write-LabText -Text ('{0} is on the machine.' -f $path)
}

foreach ($name in @('start-lab.ps1', 'reset.ps1')) {
    $line = @($file[$name].Replace([string] [char] 13, '').Split([char] 10))
    Save-LabScript -Folder ('C:\Program Files\labc\' + $LabName) -Name $name -Line $line
}
exit 0
