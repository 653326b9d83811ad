#Requires -Version 5.1

<#
.SYNOPSIS
    Writes down what Hyper-V guests and networks this machine has, for 'labc import'. Changes nothing.

.DESCRIPTION
    Reads the virtual machines, their processors, memory, disks and network adapters, the virtual switches, the NAT
    with its port mappings and the DHCP scopes of this machine, and writes them to one JSON file. It reads no disk's
    content, no password and no key. Copy the file to the computer that has labc, and there run:

        labc import collected.json -o lab.yaml

    Exit codes: 0 done; 1 something failed; 2 not run as administrator, no Hyper-V here, or the file is there already.

.PARAMETER Path
    The file to write. Default: collected.json beside this script.

.PARAMETER Force
    Replace the file if it is there.

.EXAMPLE
    powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\collect.ps1
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter()]
    [string] $Path = ($PSScriptRoot + '\collected.json'),

    [Parameter()]
    [switch] $Force
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Write-LabText {
    param([string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Test-LabElevation {
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object -TypeName 'Security.Principal.WindowsPrincipal' -ArgumentList $identity
    $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

# --- the machine ---

function Get-LabRecord {
    # what setup scripts of labc wrote down here: which guest a port mapping leads to
    $root = $env:SystemDrive + '\Program Files\labc'
    if (-not (Test-Path -LiteralPath $root -PathType Container)) { return }
    foreach ($file in @(Get-ChildItem -LiteralPath $root -Recurse -File)) {
        if ($file.Name -ne 'created.jsonl') { continue }
        foreach ($line in @(Get-Content -LiteralPath $file.FullName -Encoding UTF8)) {
            try { ConvertFrom-Json -InputObject $line }
            catch { Write-Verbose -Message ('Not a record: {0}' -f $line) }
        }
    }
}

function Get-LabMachine {
    $system = CimCmdlets\Get-CimInstance -ClassName 'Win32_OperatingSystem'
    $computer = CimCmdlets\Get-CimInstance -ClassName 'Win32_ComputerSystem'
    $cores = 0
    foreach ($one in @(CimCmdlets\Get-CimInstance -ClassName 'Win32_Processor')) {
        $cores += [int] $one.NumberOfLogicalProcessors
    }
    $azure = $false
    try {
        # the asset tag of every virtual machine in Azure
        $tag = @(CimCmdlets\Get-CimInstance -ClassName 'Win32_SystemEnclosure' |
                ForEach-Object { [string] $_.SMBIOSAssetTag })
        $azure = $tag -contains '7783-7084-3265-9085-8269-3286-77'
    }
    catch { Write-Verbose -Message ('No asset tag: {0}' -f $_.Exception.Message) }
    [pscustomobject]@{
        system     = [string] $system.Caption
        build      = [string] $system.BuildNumber
        server     = [int] $system.ProductType -ne 1
        processors = $cores
        memory     = [long] $computer.TotalPhysicalMemory
        azure      = $azure
        shortcut   = Test-Path -LiteralPath ($env:PUBLIC + '\Desktop\Hyper-V Manager.lnk') -PathType Leaf
        operators  = @(Get-LocalGroupMember -SID 'S-1-5-32-578' | ForEach-Object { ([string] $_.Name).Split('\')[-1] })
    }
}

function Get-LabDrive {
    foreach ($one in @(CimCmdlets\Get-CimInstance -ClassName 'Win32_LogicalDisk')) {
        [pscustomobject]@{ name = [string] $one.DeviceID; free = [long] $one.FreeSpace }
    }
}

# --- networks ---

function Get-LabHostAddress {
    # the machine's own addresses in a switch; the adapter is found by its device, its name may be anything
    param([string] $SwitchName)
    foreach ($port in @(Hyper-V\Get-VMNetworkAdapter -ManagementOS | Where-Object { $_.SwitchName -eq $SwitchName })) {
        $id = ([string] $port.DeviceId).Trim('{', '}')
        foreach ($adapter in @(NetAdapter\Get-NetAdapter -IncludeHidden -ErrorAction Stop)) {
            if (([string] $adapter.DeviceID).Trim('{', '}') -ne $id) { continue }
            foreach ($one in @(NetTCPIP\Get-NetIPAddress -ErrorAction Stop)) {
                if ($one.InterfaceIndex -ne $adapter.InterfaceIndex -or $one.AddressFamily -ne 'IPv4') { continue }
                if (([string] $one.IPAddress).StartsWith('169.254.', [StringComparison]::Ordinal)) { continue }
                '{0}/{1}' -f $one.IPAddress, $one.PrefixLength
            }
        }
    }
}

function Get-LabSwitch {
    foreach ($one in @(Hyper-V\Get-VMSwitch)) {
        [pscustomobject]@{
            name      = [string] $one.Name
            type      = [string] $one.SwitchType
            notes     = [string] $one.Notes
            default   = [string] $one.Id -eq 'c08cb7b8-9b3c-408e-8e30-5e16a3aeb444'
            addresses = @(Get-LabHostAddress -SwitchName $one.Name)
        }
    }
}

function Get-LabNat {
    foreach ($one in @(NetNat\Get-NetNat -ErrorAction Stop)) {
        [pscustomobject]@{ name = [string] $one.Name; prefix = [string] $one.InternalIPInterfaceAddressPrefix }
    }
}

function Get-LabMapping {
    $owner = @{}
    foreach ($one in @(Get-LabRecord)) {
        if ($one.kind -eq 'mapping' -and -not $one.gone) { $owner[[string] $one.name] = [string] $one.from }
    }
    foreach ($one in @(NetNat\Get-NetNatStaticMapping -ErrorAction Stop)) {
        $name = '{0} {1}' -f $one.Protocol, $one.ExternalPort
        [pscustomobject]@{
            nat             = [string] $one.NatName
            protocol        = [string] $one.Protocol
            externalAddress = ([string] $one.ExternalIPAddress).Split('/')[0]
            externalPort    = [int] $one.ExternalPort
            internalAddress = [string] $one.InternalIPAddress
            internalPort    = [int] $one.InternalPort
            guest           = [string] $owner[$name]
        }
    }
}

function Get-LabScope {
    # clients have no DHCP server, and most servers have none either
    if (@(Get-Service | Where-Object { $_.Name -eq 'DHCPServer' }).Count -eq 0) { return }
    foreach ($one in @(DhcpServer\Get-DhcpServerv4Scope -ErrorAction Stop)) {
        $option = @(DhcpServer\Get-DhcpServerv4OptionValue -ScopeId $one.ScopeId -ErrorAction Stop)
        $dns = @($option | Where-Object { $_.OptionId -eq 6 } | ForEach-Object { $_.Value })
        [pscustomobject]@{
            name  = [string] $one.Name
            dns   = @($dns | ForEach-Object { [string] $_ })
            id    = [string] $one.ScopeId
            mask  = [string] $one.SubnetMask
            start = [string] $one.StartRange
            end   = [string] $one.EndRange
            lease = [long] $one.LeaseDuration.TotalSeconds
        }
    }
}

# --- guests ---

function Get-LabSystem {
    # what the guests' integration services say they run, by the machine's id
    $found = @{}
    try {
        $all = @(CimCmdlets\Get-CimInstance -Namespace 'root\virtualization\v2' -ClassName 'Msvm_KvpExchangeComponent')
        foreach ($one in $all) {
            foreach ($item in @($one.GuestIntrinsicExchangeItems)) {
                $name = [regex]::Match([string] $item, 'NAME="Name"[^>]*><VALUE>([^<]*)').Groups[1].Value
                $data = [regex]::Match([string] $item, 'NAME="Data"[^>]*><VALUE>([^<]*)').Groups[1].Value
                if ($name -eq 'OSName') { $found[[string] $one.SystemName] = $data }
            }
        }
    }
    catch { Write-Verbose -Message ('No answers of guests: {0}' -f $_.Exception.Message) }
    $found
}

function Get-LabDisk {
    # a checkpoint puts .avhdx files before the disk: the chain is followed back to it
    param([object] $Vm)
    foreach ($drive in @(Hyper-V\Get-VMHardDiskDrive -VM $Vm)) {
        $file = [string] $drive.Path
        $depth = 0
        $vhd = $null
        if ($file -ne '' -and -not $file.StartsWith('Disk ', [StringComparison]::Ordinal)) {
            $vhd = Hyper-V\Get-VHD -Path ([System.Management.Automation.WildcardPattern]::Escape($file))
            while ($file -match '\.avhdx?$' -and $depth -lt 64) {
                $depth++
                $file = [string] $vhd.ParentPath
                $vhd = Hyper-V\Get-VHD -Path ([System.Management.Automation.WildcardPattern]::Escape($file))
            }
        }
        $one = [pscustomobject]@{
            path       = $file
            controller = [string] $drive.ControllerType
            number     = [int] $drive.ControllerNumber
            location   = [int] $drive.ControllerLocation
            checkpoint = $depth -gt 0
            format     = ''
            type       = ''
            size       = [long] 0
            parent     = ''
        }
        if ($null -ne $vhd) {
            $one.format = [string] $vhd.VhdFormat
            $one.type = [string] $vhd.VhdType
            $one.size = [long] $vhd.Size
            $one.parent = [string] $vhd.ParentPath
        }
        $one
    }
}

function Get-LabAdapter {
    param([object] $Vm)
    foreach ($one in @(Hyper-V\Get-VMNetworkAdapter -VM $Vm)) {
        $vlan = Hyper-V\Get-VMNetworkAdapterVlan -VMNetworkAdapter $one
        $id = 0
        if ([string] $vlan.OperationMode -eq 'Access') { $id = [int] $vlan.AccessVlanId }
        # what the rules of labc's weights stop
        $stopped = @(Hyper-V\Get-VMNetworkAdapterExtendedAcl -VMNetworkAdapter $one |
                Where-Object { $_.Weight -gt 31000 -and $_.Weight -lt 32000 -and [string] $_.Action -eq 'Deny' } |
                ForEach-Object { [string] $_.RemoteIPAddress })
        $egress = 'all'
        if ($stopped.Count) { $egress = 'internet' }
        if ($stopped -contains '0.0.0.0/0') { $egress = 'none' }
        [pscustomobject]@{
            name        = [string] $one.Name
            switch      = [string] $one.SwitchName
            mac         = [string] $one.MacAddress
            dynamicMac  = [bool] $one.DynamicMacAddressEnabled
            legacy      = [bool] $one.IsLegacy
            vlanMode    = [string] $vlan.OperationMode
            vlan        = $id
            dhcpGuard   = [string] $one.DhcpGuard
            routerGuard = [string] $one.RouterGuard
            spoofing    = [string] $one.MacAddressSpoofing
            egress      = $egress
            addresses   = @(@($one.IPAddresses) | ForEach-Object { [string] $_ })
        }
    }
}

function Get-LabFirmware {
    param([object] $Vm)
    $made = [pscustomobject]@{ secureBoot = 'Off'; template = ''; tpm = $false; first = '' }
    if ($Vm.Generation -eq 1) {
        $made.first = [string] @((Hyper-V\Get-VMBios -VM $Vm).StartupOrder)[0]
        return $made
    }
    $firmware = Hyper-V\Get-VMFirmware -VM $Vm
    $made.secureBoot = [string] $firmware.SecureBoot
    $made.template = [string] $firmware.SecureBootTemplate
    $made.tpm = [bool] (Hyper-V\Get-VMSecurity -VM $Vm).TpmEnabled
    $made
}

function Get-LabGuest {
    $system = Get-LabSystem
    foreach ($vm in @(Hyper-V\Get-VM)) {
        $memory = Hyper-V\Get-VMMemory -VM $vm
        $processor = Hyper-V\Get-VMProcessor -VM $vm
        [pscustomobject]@{
            name          = [string] $vm.Name
            system        = [string] $system[[string] $vm.Id]
            generation    = [int] $vm.Generation
            notes         = [string] $vm.Notes
            state         = [string] $vm.State
            folder        = [string] $vm.Path
            stop          = [string] $vm.AutomaticStopAction
            start         = [string] $vm.AutomaticStartAction
            delay         = [int] $vm.AutomaticStartDelay
            checkpoints   = [string] $vm.CheckpointType
            processors    = [int] $processor.Count
            compatibility = [bool] $processor.CompatibilityForMigrationEnabled
            nested        = [bool] $processor.ExposeVirtualizationExtensions
            memory        = [pscustomobject]@{
                dynamic = [bool] $memory.DynamicMemoryEnabled
                startup = [long] $memory.Startup
                minimum = [long] $memory.Minimum
                maximum = [long] $memory.Maximum
                buffer  = [int] $memory.Buffer
                weight  = [int] $memory.Priority
            }
            firmware      = Get-LabFirmware -Vm $vm
            disks         = @(Get-LabDisk -Vm $vm)
            dvds          = @(Hyper-V\Get-VMDvdDrive -VM $vm | ForEach-Object { [string] $_.Path })
            adapters      = @(Get-LabAdapter -Vm $vm)
        }
    }
}

# --- writing it down ---

function Save-LabText {
    # the one thing that is written
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([string] $Path, [string] $Text)
    if (-not $PSCmdlet.ShouldProcess($Path, 'Write file')) { return }
    Set-Content -LiteralPath $Path -Value $Text -Encoding UTF8 -Confirm:$false
}

$code = 1
try {
    $obstacle = ''
    if (-not (Test-LabElevation)) { $obstacle = 'Run this script as administrator: others do not see the guests.' }
    elseif ($null -eq (Get-Command -Name 'Hyper-V\Get-VM' -ErrorAction SilentlyContinue)) {
        $obstacle = 'This machine has no Hyper-V, or not its PowerShell module.'
    }
    elseif ((Test-Path -LiteralPath $Path) -and -not $Force) {
        $obstacle = '{0} is there already: give another -Path, or -Force to replace it.' -f $Path
    }
    if ($obstacle -ne '') {
        Write-Warning -Message $obstacle
        $code = 2
    }
    else {
        $all = [pscustomobject]@{
            collected = 1
            machine   = Get-LabMachine
            drives    = @(Get-LabDrive)
            switches  = @(Get-LabSwitch)
            nats      = @(Get-LabNat)
            mappings  = @(Get-LabMapping)
            scopes    = @(Get-LabScope)
            guests    = @(Get-LabGuest)
        }
        Save-LabText -Path $Path -Text (ConvertTo-Json -InputObject $all -Depth 8)
        Write-LabText -Text ('{0}: {1} guests.' -f $Path, $all.guests.Count)
        Write-LabText -Text 'Next: copy the file to the computer that has labc, and there run'
        Write-LabText -Text '  labc import collected.json -o lab.yaml'
        $code = 0
    }
}
catch {
    Write-Warning -Message ('Nothing was written: {0} [{1}]' -f $_.Exception.Message, $_.FullyQualifiedErrorId)
}
exit $code
