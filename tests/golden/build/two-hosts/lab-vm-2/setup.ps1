#Requires -Version 5.1

<#
.SYNOPSIS
    Builds or repairs the lab described by the table below. Safe to run again.

.DESCRIPTION
    Compares this machine with the table, changes what differs and reports every resource as Unchanged, Created,
    Repaired, Planned or Failed. It never deletes a disk and never touches what it did not create.

    Exit codes: 0 done; 1 something failed; 2 this machine cannot hold the lab as it is, nothing was changed;
    3010 Windows must be restarted, then run this script again.

    Elevation is checked in the code and not by #Requires, which would end with code 1 instead of 2.

.PARAMETER LogPath
    The log, one JSON object a line. Default: setup.jsonl in the folder of the lab's scripts. '' writes none.

.PARAMETER AllowStop
    Shut a running guest down where a repair needs it to be off. Without it such a repair is only reported.

.PARAMETER Adopt
    Take over a switch or virtual machines of the right names that this lab did not create.

.EXAMPLE
    powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\setup.ps1 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [Parameter()]
    [AllowEmptyString()]
    [string] $LogPath,

    [Parameter()]
    [switch] $AllowStop,

    [Parameter()]
    [switch] $Adopt
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# --- lab data: the only part that differs between labs -----------------------------------------------------
$Lab = @{
    Name          = 'cross-lab-access'
    Title         = 'Reach a nested VM from another lab VM'
    Tag           = 'labc:cross-lab-access'
    Target        = 'lab-services'
    Spec          = 'lab.yaml'
    Files         = @('lab.yaml')
    At            = 'hosts.lab-vm-1 21'
    HostOs        = 'Windows Server 2022'
    HostIsServer  = $true
    HostReserve   = 4294967296
    AdminStudents = $true
    StudentUser   = 'student'
    Shortcut      = $true
    Data          = 'C:\labc\cross-lab-access'
    Scripts       = 'C:\Program Files\labc\cross-lab-access'

    Networks = @(
        @{
            Name   = 'nat'
            At     = 'hosts.lab-vm-1.network 0'
            Switch = 'LabServicesSwitch'
            Nat    = 'LabServicesNat'
            Kind = 'nat'; Subnet = '192.168.0.0/24'
            Gateway = '192.168.0.1'; PrefixLength = 24
        }
    )

    Guests = @(
        @{
            Name   = 'ubuntu'
            At     = 'hosts.lab-vm-1.guests.ubuntu 26 memory=18 vcpus=18 os=27'
            Os     = 'Ubuntu 20.04 LTS'
            Notes  = $null
            Image  = $null
            Url    = $null
            Sha256 = $null
            Iso    = $null
            Generation = 2; Vcpus = 2
            Compatibility = $true; Nested = $false
            Memory = @{
                Dynamic = $false; Startup = 4294967296
                Minimum = $null; Maximum = $null
                Buffer = $null; Weight = $null
            }
            SecureBoot = 'On'; BootTemplate = 'MicrosoftUEFICertificateAuthority'; Tpm = $false
            StopAction = 'ShutDown'; StartAction = 'Start'; StartDelay = 0
            StartAfter = @()
            Checkpoint = 'Disabled'; OnDemand = $false
            Configure = 'cloud-init'; Ask = $true; Edition = $null
            Seed = @(
                @{
                    Path = 'meta-data'
                    Text = @('{"instance-id":"labc-cross-lab-access-ubuntu","local-hostname":"ubuntu"}')
                }
                @{
                    Path = 'user-data'
                    Text = @('#cloud-config', 'NL', '{"hostname":"ubuntu",', 'NL', '"timezone":"UTC",', 'NL', '"locale":"en_US.UTF-8",', 'NL', '"keyboard":{"layout":"us"},', 'NL', '"users":[{"name":"user1","groups":"users","shell":"/bin/bash","sudo":"ALL=(ALL) NOPASSWD:ALL","lock_passwd":false,"hashed_passwd":"', 'HASH', '"}],', 'NL', '"ssh_pwauth":true,', 'NL', '"runcmd":["touch /etc/cloud/cloud-init.disabled"]}')
                }
                @{
                    Path = 'network-config'
                    Text = @('{"version":2,"ethernets":{"eth0":{"match":{"macaddress":"02:15:5d:d0:d8:ef"},"set-name":"eth0","dhcp4":false,"addresses":["192.168.0.102/24"],"routes":[{"to":"0.0.0.0/0","via":"192.168.0.1"}],"nameservers":{"addresses":["168.63.129.16"]}}}}')
                }
            )
            Disks = @(
                @{
                    Path   = 'C:\labc\cross-lab-access\disks\ubuntu.vhdx'
                    At     = 'hosts.lab-vm-1.guests.ubuntu.disk 26'
                    Source = 'C:\labs\images\ubuntu-20.04.vhdx'
                    Parent = $null
                    Size = 26843545600; Format = 'VHDX'; Type = 'Dynamic'; Boot = $true
                }
            )
            Adapters = @(
                @{
                    Name    = 'nat'
                    At      = 'hosts.lab-vm-1.guests.ubuntu 26 address=28'
                    Network = 'nat'
                    Mac = '02155DD0D8EF'; Legacy = $false; Vlan = $null
                    DhcpGuard = $true; RouterGuard = $true; MacSpoofing = $false
                }
            )
        }
        @{
            Name   = 'windows-11'
            At     = 'hosts.lab-vm-1.guests.windows-11 30 memory=18 vcpus=18 os=31'
            Os     = 'Windows 11'
            Notes  = $null
            Image  = $null
            Url    = $null
            Sha256 = $null
            Iso    = $null
            Generation = 2; Vcpus = 2
            Compatibility = $false; Nested = $false
            Memory = @{
                Dynamic = $false; Startup = 4294967296
                Minimum = $null; Maximum = $null
                Buffer = $null; Weight = $null
            }
            SecureBoot = 'On'; BootTemplate = 'MicrosoftWindows'; Tpm = $true
            StopAction = 'ShutDown'; StartAction = 'Start'; StartDelay = 0
            StartAfter = @()
            Checkpoint = 'Disabled'; OnDemand = $false
            Configure = 'unattend'; Ask = $true; Edition = $null
            Seed = @(
                @{
                    Path = 'Windows\Panther\unattend.xml'
                    Text = @('<?xml version="1.0" encoding="utf-8"?>', 'NL', '<unattend xmlns="urn:schemas-microsoft-com:unattend" xmlns:wcm="http://schemas.microsoft.com/WMIConfig/2002/State"><settings pass="specialize"><component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"><ComputerName>windows-11</ComputerName><TimeZone>UTC</TimeZone></component><component name="Microsoft-Windows-TerminalServices-LocalSessionManager" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"><fDenyTSConnections>false</fDenyTSConnections></component><component name="Networking-MPSSVC-Svc" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"><FirewallGroups><FirewallGroup wcm:action="add" wcm:keyValue="RemoteDesktop"><Active>true</Active><Group>@FirewallAPI.dll,-28752</Group><Profile>all</Profile></FirewallGroup></FirewallGroups></component><component name="Microsoft-Windows-TCPIP" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"><Interfaces><Interface wcm:action="add"><Identifier>02-15-5d-57-8b-56</Identifier><Ipv4Settings><DhcpEnabled>false</DhcpEnabled></Ipv4Settings><UnicastIpAddresses><IpAddress wcm:action="add" wcm:keyValue="1">192.168.0.103/24</IpAddress></UnicastIpAddresses><Routes><Route wcm:action="add"><Identifier>0</Identifier><Prefix>0.0.0.0/0</Prefix><NextHopAddress>192.168.0.1</NextHopAddress></Route></Routes></Interface></Interfaces></component><component name="Microsoft-Windows-DNS-Client" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"><Interfaces><Interface wcm:action="add"><Identifier>02-15-5d-57-8b-56</Identifier><DNSServerSearchOrder><IpAddress wcm:action="add" wcm:keyValue="1">168.63.129.16</IpAddress></DNSServerSearchOrder></Interface></Interfaces></component></settings><settings pass="oobeSystem"><component name="Microsoft-Windows-International-Core" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"><InputLocale>0409:00000409</InputLocale><SystemLocale>en-US</SystemLocale><UILanguage>en-US</UILanguage><UserLocale>en-US</UserLocale></component><component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"><OOBE><HideEULAPage>true</HideEULAPage><HideOnlineAccountScreens>true</HideOnlineAccountScreens><HideWirelessSetupInOOBE>true</HideWirelessSetupInOOBE><ProtectYourPC>3</ProtectYourPC></OOBE><UserAccounts><LocalAccounts><LocalAccount wcm:action="add"><Password><Value>', 'USER', '</Value><PlainText>false</PlainText></Password><DisplayName>user1</DisplayName><Group>Administrators</Group><Name>user1</Name></LocalAccount></LocalAccounts></UserAccounts></component></settings></unattend>')
                }
                @{
                    Path = 'Windows\Setup\Scripts\SetupComplete.cmd'
                    Text = @('@echo off', 'NL', 'del /q /f "%SystemRoot%\Panther\unattend.xml" "%SystemRoot%\System32\Sysprep\unattend.xml" 2>nul', 'NL', '')
                }
            )
            Disks = @(
                @{
                    Path   = 'C:\labc\cross-lab-access\disks\windows-11.vhdx'
                    At     = 'hosts.lab-vm-1.guests.windows-11.disk 30'
                    Source = 'C:\labs\images\windows-11.vhdx'
                    Parent = $null
                    Size = 68719476736; Format = 'VHDX'; Type = 'Dynamic'; Boot = $true
                }
            )
            Adapters = @(
                @{
                    Name    = 'nat'
                    At      = 'hosts.lab-vm-1.guests.windows-11 30 address=32'
                    Network = 'nat'
                    Mac = '02155D578B56'; Legacy = $false; Vlan = $null
                    DhcpGuard = $true; RouterGuard = $true; MacSpoofing = $false
                }
            )
        }
    )

    Mappings = @(
        @{
            Guest = 'ubuntu'
            At    = 'hosts.lab-vm-1.guests.ubuntu.ports[0] 29'
            Name  = $null
            Protocol = 'TCP'; ExternalAddress = '0.0.0.0'; ExternalPort = 23
            InternalAddress = '192.168.0.102'; InternalPort = 22
        }
        @{
            Guest = 'windows-11'
            At    = 'hosts.lab-vm-1.guests.windows-11.ports[0] 36'
            Name  = 'rdp'
            Protocol = 'TCP'; ExternalAddress = '0.0.0.0'; ExternalPort = 3390
            InternalAddress = '192.168.0.103'; InternalPort = 3389
        }
    )
}
# --- end of lab data; everything below is the same for every lab -------------------------------------------

# --- reporting ---------------------------------------------------------------------------------------------

# what this run knows about itself; functions read and fill it
$Run = @{
    Records   = New-Object -TypeName 'System.Collections.Generic.List[object]'
    LogFile   = ''
    HyperV    = $false
    Server    = $true
    Row       = $Lab
    Key       = ''
    AllowStop = [bool] $AllowStop
    Adopt     = [bool] $Adopt
}

function Write-LabRecord {
    param(
        [Parameter(Mandatory)][string] $Kind,
        [Parameter(Mandatory)][string] $Name,
        [Parameter(Mandatory)][ValidateSet('Unchanged', 'Created', 'Repaired', 'Planned', 'Failed')]
        [string] $State,
        [string] $Detail = ''
    )
    $record = [pscustomobject]@{
        time   = [datetime]::UtcNow.ToString('o')
        lab    = $Lab.Name
        kind   = $Kind
        name   = $Name
        state  = $State
        detail = $Detail
        place  = Get-LabPlace -Row $Run.Row -Key $Run.Key
    }
    $Run.Records.Add($record)
    $text = ('{0,-9} {1} {2}  {3}' -f $State, $Kind, $Name, $Detail).TrimEnd()
    if ($State -eq 'Failed') { $text = '{0}; described at {1}' -f $text, $record.place }
    Write-Information -MessageData $text -InformationAction Continue
    if ($Run.LogFile -ne '') {
        $line = ConvertTo-Json -InputObject $record -Compress
        Add-Content -LiteralPath $Run.LogFile -Value $line -Encoding UTF8 -WhatIf:$false -Confirm:$false
    }
}

function Get-LabPlace {
    # where a row of the table, or a property of it, is written: lab.yaml:31 (guests.ubuntu.memory)
    param(
        [Parameter(Mandatory)][hashtable] $Row,
        [string] $Key = ''
    )
    $word = $Row.At.Split(' ')
    $path = $word[0]
    $line = $word[1]
    if ($Key -ne '') {
        $path = '{0}.{1}' -f $word[0], $Key
        # memory in its short form stands for memory.startup; a property without a line stands at its row
        foreach ($name in @($Key.Split('.')[0], $Key)) {
            foreach ($one in $word) {
                if (-not $one.StartsWith($name + '=', [StringComparison]::Ordinal)) { continue }
                $path = '{0}.{1}' -f $word[0], $name
                $line = $one.Substring($name.Length + 1)
            }
        }
    }
    $part = $line.Split('@')
    $file = $Lab.Files[0]
    if ($part.Count -gt 1) { $file = $Lab.Files[[int] $part[1]] }
    if ($part[0] -eq '0') { return '{0} ({1})' -f $file, $path }
    '{0}:{1} ({2})' -f $file, $part[0], $path
}

function Write-LabText {
    param([Parameter(Mandatory)][AllowEmptyString()][string] $Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Invoke-LabStep {
    # one resource's failure is reported and does not keep the others from being built
    param(
        [Parameter(Mandatory)][string] $Kind,
        [Parameter(Mandatory)][string] $Name,
        [Parameter(Mandatory)][scriptblock] $Action,
        [hashtable] $Row = $Lab,
        [string] $Key = ''
    )
    $Run.Row = $Row
    $Run.Key = $Key
    try {
        & $Action
    }
    catch {
        $detail = '{0} [{1}]' -f $_.Exception.Message, $_.FullyQualifiedErrorId
        Write-LabRecord -Kind $Kind -Name $Name -State 'Failed' -Detail $detail
    }
    $Run.Row = $Lab
    $Run.Key = ''
}

function Measure-LabRecord {
    param([Parameter(Mandatory)][string] $State)
    @($Run.Records | Where-Object { $_.state -eq $State }).Count
}

# --- values ------------------------------------------------------------------------------------------------

function Format-LabSize {
    param([Parameter(Mandatory)][long] $Bytes)
    if ($Bytes -gt 0 -and $Bytes % 1073741824 -eq 0) { return '{0} GiB' -f ($Bytes / 1073741824) }
    if ($Bytes -ge 10737418240) { return '{0} GiB' -f [math]::Floor($Bytes / 1073741824) }
    '{0} MiB' -f [math]::Ceiling($Bytes / 1048576)
}

function ConvertTo-LabRange {
    # first address and number of addresses of a network, as numbers
    param(
        [Parameter(Mandatory)][string] $Address,
        [Parameter(Mandatory)][int] $PrefixLength
    )
    [long] $number = 0
    foreach ($part in $Address.Split('.')) { $number = $number * 256 + [long] $part }
    $size = [long] [math]::Pow(2, 32 - $PrefixLength)
    @{ First = $number - ($number % $size); Size = $size }
}

function Test-LabOverlap {
    param(
        [Parameter(Mandatory)][hashtable] $One,
        [Parameter(Mandatory)][hashtable] $Two
    )
    ($One.First -lt $Two.First + $Two.Size) -and ($Two.First -lt $One.First + $One.Size)
}

function Get-LabFolder {
    # string surgery instead of Split-Path: the drive may not exist
    param([Parameter(Mandatory)][string] $Path)
    $Path.Substring(0, $Path.LastIndexOf('\'))
}

function Test-LabFile {
    param([Parameter(Mandatory)][string] $Path)
    Test-Path -LiteralPath $Path -PathType Leaf
}

function Wait-LabCondition {
    # asks again every other second until the answer is something, or the time is over
    param(
        [Parameter(Mandatory)][scriptblock] $Question,
        [Parameter(Mandatory)][int] $Seconds
    )
    for ($waited = 0; $waited -le $Seconds; $waited += 2) {
        $answer = & $Question
        if ($answer) { return $answer }
        Start-Sleep -Seconds 2
    }
}

# --- finding things ----------------------------------------------------------------------------------------
# Everything is enumerated and compared with -eq: names given to the cmdlets would be wildcards, and a failed
# lookup by name cannot be told from an absent thing. While Hyper-V is not there, nothing of it exists.

function Get-LabSwitch {
    param([Parameter(Mandatory)][string] $Name)
    if (-not $Run.HyperV) { return }
    $found = @(Hyper-V\Get-VMSwitch | Where-Object { $_.Name -eq $Name })
    if ($found.Count -gt 1) { throw ('More than one virtual switch is called {0}.' -f $Name) }
    if ($found.Count -eq 1) { $found[0] }
}

function Get-LabSwitchName {
    # the name of Windows' own Default Switch is localized, its id is not
    param([Parameter(Mandatory)][hashtable] $Network)
    if ($Network.Kind -ne 'default-switch') { return $Network.Switch }
    $id = 'c08cb7b8-9b3c-408e-8e30-5e16a3aeb444'
    $found = @(Hyper-V\Get-VMSwitch | Where-Object { [string] $_.Id -eq $id })
    if ($found.Count -ne 1) { throw 'This machine has no Default Switch; it exists on Windows 10 and 11 only.' }
    $found[0].Name
}

function Test-LabOwner {
    # the first line of the notes is the tag of the lab that made the thing
    [CmdletBinding()]
    param([AllowNull()][AllowEmptyString()][string] $Notes)
    if ([string]::IsNullOrEmpty($Notes)) { return $false }
    $Notes.Split([char[]] @(13, 10))[0] -ceq $Lab.Tag
}

function Get-LabOwnerText {
    [CmdletBinding()]
    param([AllowNull()][AllowEmptyString()][string] $Notes)
    if (-not [string]::IsNullOrEmpty($Notes)) {
        $first = $Notes.Split([char[]] @(13, 10))[0]
        if ($first.StartsWith('labc:', [StringComparison]::Ordinal)) {
            return 'it belongs to the lab ' + $first.Substring(5)
        }
    }
    'this lab did not create it'
}

function Test-LabGuestOwner {
    # a machine whose tag was not yet written when the script was killed is known by its folder
    param([Parameter(Mandatory)][object] $Vm)
    if (Test-LabOwner -Notes $Vm.Notes) { return $true }
    $folder = $Lab.Data + '\machines\'
    ([string] $Vm.Path + '\').StartsWith($folder, [StringComparison]::OrdinalIgnoreCase) -and
        [string]::IsNullOrEmpty($Vm.Notes)
}

function Get-LabGuest {
    param([Parameter(Mandatory)][string] $Name)
    if (-not $Run.HyperV) { return }
    $found = @(Hyper-V\Get-VM | Where-Object { $_.Name -eq $Name })
    $own = @($found | Where-Object { Test-LabGuestOwner -Vm $_ })
    if ($own.Count -eq 0 -and $Run.Adopt) { $own = $found }
    if ($own.Count -gt 1) { throw ('More than one virtual machine of this lab is called {0}.' -f $Name) }
    if ($own.Count -eq 1) { $own[0] }
}

function Get-LabNetwork {
    param([Parameter(Mandatory)][string] $Name)
    foreach ($network in $Lab.Networks) {
        if ($network.Name -eq $Name) { return $network }
    }
    throw ('The table has no network {0}.' -f $Name)
}

function Get-LabHostAdapter {
    # the host's own adapter of a switch, by device id: its alias may be renamed, numbered or cut
    param([Parameter(Mandatory)][string] $SwitchName)
    if (-not $Run.HyperV) { return }
    $port = @(Hyper-V\Get-VMNetworkAdapter -ManagementOS |
            Where-Object { $_.SwitchName -eq $SwitchName })
    if ($port.Count -eq 0) { return }
    $id = ([string] $port[0].DeviceId).Trim('{', '}')
    $found = @(NetAdapter\Get-NetAdapter -IncludeHidden -ErrorAction Stop |
            Where-Object { ([string] $_.DeviceID).Trim('{', '}') -eq $id })
    if ($found.Count -gt 0) { $found[0] }
}

function Get-LabHostAddress {
    param([Parameter(Mandatory)][int] $InterfaceIndex)
    NetTCPIP\Get-NetIPAddress -ErrorAction Stop | Where-Object {
        $_.InterfaceIndex -eq $InterfaceIndex -and $_.AddressFamily -eq 'IPv4'
    }
}

function Get-LabNat {
    # before Hyper-V is there the class behind the cmdlet may be missing: then no NAT exists either
    try {
        NetNat\Get-NetNat -ErrorAction Stop
    }
    catch {
        if ($Run.HyperV) { throw }
        Write-Verbose -Message ('NAT not readable yet: {0}' -f $_.Exception.Message)
    }
}

function Get-LabMapping {
    # some systems store the external address 0.0.0.0 with a prefix length
    param(
        [Parameter(Mandatory)][string] $NatName,
        [Parameter(Mandatory)][hashtable] $Want
    )
    NetNat\Get-NetNatStaticMapping -ErrorAction Stop | Where-Object {
        $_.NatName -eq $NatName -and [string] $_.Protocol -eq $Want.Protocol -and
        $_.ExternalPort -eq $Want.ExternalPort -and
        ([string] $_.ExternalIPAddress).Split('/')[0] -eq $Want.ExternalAddress
    }
}

# --- preconditions: read only; each function emits one sentence for each thing that stands in the way --------

function Test-LabElevation {
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object -TypeName 'Security.Principal.WindowsPrincipal' -ArgumentList $identity
    $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Get-LabMachineObstacle {
    $system = CimCmdlets\Get-CimInstance -ClassName 'Win32_OperatingSystem'
    $computer = CimCmdlets\Get-CimInstance -ClassName 'Win32_ComputerSystem'
    $processor = @(CimCmdlets\Get-CimInstance -ClassName 'Win32_Processor')

    # editions that cannot have Hyper-V: Home, in its four forms
    if (@(98, 99, 100, 101) -contains [int] $system.OperatingSystemSKU) {
        '{0} has no Hyper-V; use Windows Pro, Enterprise, Education or Windows Server.' -f $system.Caption
    }
    # inside a virtual machine the processor's own flags are not trustworthy, so only a clear no counts
    $able = @($processor | Where-Object { $_.VirtualizationFirmwareEnabled -eq $true })
    if (-not $computer.HypervisorPresent -and $able.Count -eq 0) {
        'This machine has no virtualization for Hyper-V. On Azure choose a size with nested virtualization and ' +
        'the security type Standard (not Trusted Launch); on a PC switch it on in the firmware.'
    }
    $cores = 0
    foreach ($one in $processor) { $cores += [int] $one.NumberOfLogicalProcessors }
    foreach ($guest in $Lab.Guests) {
        if ($guest.Vcpus -gt $cores) {
            'The guest {0} needs {1} processors, this machine has {2}.' -f $guest.Name, $guest.Vcpus, $cores
        }
    }
    # Windows reports a little less than the size's memory, so the whole next GiB counts as there
    $total = [long] [math]::Ceiling($computer.TotalPhysicalMemory / 1073741824) * 1073741824
    [long] $need = $Lab.HostReserve
    foreach ($guest in $Lab.Guests) {
        if ($guest.OnDemand) { continue }
        if ($guest.Memory.Dynamic) { $need += $guest.Memory.Minimum } else { $need += $guest.Memory.Startup }
    }
    if ($need -gt $total) {
        'The guests and Windows need {0} of memory together, this machine has {1}.' -f
        (Format-LabSize -Bytes $need), (Format-LabSize -Bytes $total)
    }
    if ($Lab.HostIsServer -ne $Run.Server) {
        Write-Warning -Message ('The lab is described for {0}, this is {1}.' -f $Lab.HostOs, $system.Caption)
    }
}

function Get-LabDiskObstacle {
    $drive = $Lab.Data.Substring(0, 2)
    $volume = @(CimCmdlets\Get-CimInstance -ClassName 'Win32_LogicalDisk' |
            Where-Object { $_.DeviceID -eq $drive })
    if ($volume.Count -ne 1) {
        'The drive {0} for the guests'' disks does not exist.' -f $drive
        return
    }
    # what must stay free for Windows, and what the missing disks take at once
    [long] $need = 4294967296
    foreach ($guest in $Lab.Guests) {
        foreach ($disk in $guest.Disks) {
            if (Test-LabFile -Path $disk.Path) { continue }
            $source = Get-LabSource -Guest $guest -Disk $disk
            if ($source -and -not $source.EndsWith('.iso', [StringComparison]::OrdinalIgnoreCase)) {
                $need += [long] (Get-Item -LiteralPath $source).Length
            }
            elseif ($disk.Type -eq 'Fixed') { $need += $disk.Size }
        }
    }
    if ([long] $volume[0].FreeSpace -lt $need) {
        'The drive {0} has {1} free, setting up needs {2}.' -f $drive,
        (Format-LabSize -Bytes $volume[0].FreeSpace), (Format-LabSize -Bytes $need)
    }
}

function Get-LabOwnerObstacle {
    if ($Run.Adopt -or -not $Run.HyperV) { return }
    $advice = 'Rename or remove it, choose another name in {0}, or run again with -Adopt.' -f $Lab.Spec
    foreach ($network in $Lab.Networks) {
        if ($network.Kind -eq 'default-switch') { continue }
        $have = Get-LabSwitch -Name $network.Switch
        if ($null -ne $have -and -not (Test-LabOwner -Notes $have.Notes)) {
            'A virtual switch {0} exists, but {1}. {2}' -f $have.Name, (Get-LabOwnerText -Notes $have.Notes), $advice
        }
    }
    $machine = @(Hyper-V\Get-VM)
    foreach ($guest in $Lab.Guests) {
        $same = @($machine | Where-Object { $_.Name -eq $guest.Name })
        $own = @($same | Where-Object { Test-LabGuestOwner -Vm $_ })
        if ($same.Count -gt 0 -and $own.Count -eq 0) {
            $owner = Get-LabOwnerText -Notes $same[0].Notes
            'A virtual machine {0} exists, but {1}. {2}' -f $guest.Name, $owner, $advice
        }
        if ($own.Count -gt 1) {
            'This lab has two virtual machines called {0}. Rename one of them.' -f $guest.Name
        }
    }
}

function Get-LabNatObstacle {
    # Windows supports one NAT per machine; what others made is named, never removed
    $nat = @(Get-LabNat)
    foreach ($network in $Lab.Networks) {
        if ($network.Kind -ne 'nat') { continue }
        foreach ($one in $nat) {
            if ($one.Name -ne $network.Nat) {
                'Another NAT exists: {0} ({1}). Windows supports one; remove it if nothing needs it.' -f $one.Name,
                $one.InternalIPInterfaceAddressPrefix
                continue
            }
            if ($one.InternalIPInterfaceAddressPrefix -eq $network.Subnet -or $Run.Adopt) { continue }
            $have = Get-LabSwitch -Name $network.Switch
            if ($null -eq $have -or -not (Test-LabOwner -Notes $have.Notes)) {
                'A NAT {0} exists with another prefix ({1}), and this lab did not create it.' -f $one.Name,
                $one.InternalIPInterfaceAddressPrefix
            }
        }
    }
}

function Get-LabAddressObstacle {
    $live = @(NetTCPIP\Get-NetIPAddress -ErrorAction Stop | Where-Object {
            $_.AddressFamily -eq 'IPv4' -and $_.IPAddress -ne '127.0.0.1' -and $_.PrefixLength -gt 0
        })
    foreach ($network in $Lab.Networks) {
        if (@('nat', 'internal') -notcontains $network.Kind -or $null -eq $network.Gateway) { continue }
        $want = ConvertTo-LabRange -Address $network.Gateway -PrefixLength $network.PrefixLength
        $own = Get-LabHostAdapter -SwitchName $network.Switch
        foreach ($address in $live) {
            if ($null -ne $own -and $address.InterfaceIndex -eq $own.InterfaceIndex) { continue }
            $have = ConvertTo-LabRange -Address $address.IPAddress -PrefixLength $address.PrefixLength
            if (Test-LabOverlap -One $want -Two $have) {
                'The network {0} overlaps the address {1}/{2} of this machine ({3}). Choose another subnet in {4}.' -f
                $network.Subnet, $address.IPAddress, $address.PrefixLength, $address.InterfaceAlias, $Lab.Spec
            }
        }
    }
}

function Get-LabPortObstacle {
    $wanted = @($Lab.Mappings | Where-Object { $_.Protocol -eq 'TCP' })
    if ($wanted.Count -eq 0) { return }
    $busy = @(NetTCPIP\Get-NetTCPConnection -ErrorAction Stop |
            Where-Object { [string] $_.State -eq 'Listen' })
    foreach ($mapping in $wanted) {
        $user = @($busy | Where-Object { $_.LocalPort -eq $mapping.ExternalPort })
        if ($user.Count -gt 0) {
            'Port {0} of this machine is in use (process {1}); the guest {2} cannot get it.' -f
            $mapping.ExternalPort, $user[0].OwningProcess, $mapping.Guest
        }
    }
}

function Get-LabObstacle {
    if (-not (Test-LabElevation)) {
        'This script must run as administrator: start setup.cmd, or an elevated PowerShell.'
        return
    }
    $system = CimCmdlets\Get-CimInstance -ClassName 'Win32_OperatingSystem'
    $Run.Server = [int] $system.ProductType -ne 1
    $Run.HyperV = Test-LabHyperV
    Get-LabMachineObstacle
    Get-LabDiskObstacle
    Get-LabOwnerObstacle
    Get-LabNatObstacle
    Get-LabAddressObstacle
    Get-LabPortObstacle
}

# --- Hyper-V itself ----------------------------------------------------------------------------------------

function Get-LabFeatureState {
    # server and client call both the features and their states differently
    param([Parameter(Mandatory)][string] $Name)
    if ($Run.Server) {
        return [string] (ServerManager\Get-WindowsFeature -Name $Name).InstallState
    }
    $state = [string] (Dism\Get-WindowsOptionalFeature -Online -FeatureName $Name).State
    if ($state -eq 'Enabled') { return 'Installed' }
    if ($state -eq 'EnablePending') { return 'InstallPending' }
    $state
}

function Get-LabFeatureName {
    if ($Run.Server) { return @('Hyper-V', 'Hyper-V-PowerShell') }
    @('Microsoft-Hyper-V-All')
}

function Test-LabHyperV {
    # decided by what is there and running, never by what an installer said
    foreach ($name in @(Get-LabFeatureName)) {
        if ((Get-LabFeatureState -Name $name) -ne 'Installed') { return $false }
    }
    if ($null -eq (Get-Command -Name 'Hyper-V\Get-VMSwitch' -ErrorAction SilentlyContinue)) { return $false }
    $service = @(Get-Service | Where-Object { $_.Name -eq 'vmms' })
    if ($service.Count -eq 0) { return $false }
    # right after a start of Windows the service needs a moment
    $running = Wait-LabCondition -Seconds 120 -Question {
        @(Get-Service | Where-Object { $_.Name -eq 'vmms' -and [string] $_.Status -eq 'Running' })
    }
    $null -ne $running
}

function Install-LabFeature {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][string] $Name)
    $state = Get-LabFeatureState -Name $Name
    if ($state -eq 'Installed') {
        Write-LabRecord -Kind 'feature' -Name $Name -State 'Unchanged'
        return
    }
    if ($state -eq 'InstallPending') {
        Write-LabRecord -Kind 'feature' -Name $Name -State 'Unchanged' -Detail 'waits for a restart of Windows'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($Name, 'Install Windows feature')) {
        Write-LabRecord -Kind 'feature' -Name $Name -State 'Planned'
        return
    }
    if ($Run.Server) {
        $null = ServerManager\Install-WindowsFeature -Name $Name -IncludeManagementTools -Confirm:$false
    }
    else {
        $null = Dism\Enable-WindowsOptionalFeature -Online -FeatureName $Name -All -NoRestart
    }
    $now = Get-LabFeatureState -Name $Name
    if ($now -ne 'Installed' -and $now -ne 'InstallPending') {
        throw ('The Windows feature {0} is {1} after its installation.' -f $Name, $now)
    }
    Write-LabRecord -Kind 'feature' -Name $Name -State 'Created'
}

function Initialize-LabHyperV {
    # true: Hyper-V is running; false: Windows must be restarted first (or, under -WhatIf, would have to be)
    $before = $Run.Records.Count
    foreach ($name in @(Get-LabFeatureName)) { Install-LabFeature -Name $name }
    if ($Run.HyperV) { return $true }
    $waiting = $false
    for ($i = $before; $i -lt $Run.Records.Count; $i++) {
        $record = $Run.Records[$i]
        if ($record.state -ne 'Unchanged' -or $record.detail -ne '') { $waiting = $true }
    }
    if (-not $waiting) {
        $service = @(Get-Service | Where-Object { $_.Name -eq 'vmms' })
        if ($service.Count -gt 0) {
            throw ('Hyper-V is installed but its service vmms does not run. On Azure this is a size without nested ' +
                'virtualization or the security type Trusted Launch; choose another size or the type Standard.')
        }
    }
    $false
}

function Initialize-LabService {
    # Windows starts WinNat on demand; set to Automatic, the guests have a network after every start
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][string] $Name)
    $have = @(Get-Service -Name $Name -ErrorAction SilentlyContinue)
    if ($have.Count -eq 1 -and [string] $have[0].StartType -eq 'Automatic') {
        Write-LabRecord -Kind 'service' -Name $Name -State 'Unchanged'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($Name, 'Set start type to Automatic')) {
        Write-LabRecord -Kind 'service' -Name $Name -State 'Planned' -Detail 'start type Automatic'
        return
    }
    Set-Service -Name $Name -StartupType Automatic -Confirm:$false
    Write-LabRecord -Kind 'service' -Name $Name -State 'Repaired' -Detail 'start type Automatic'
}

# --- switch, host address, NAT, mappings -------------------------------------------------------------------
# The network cmdlets are functions of a module: they do not see this script's preferences. Hence the explicit
# -ErrorAction Stop, the ShouldProcess before them and -Confirm:$false in every call that changes something.

function Initialize-LabSwitch {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][hashtable] $Network)
    $name = $Network.Switch
    $type = 'Internal'
    if ($Network.Kind -eq 'private') { $type = 'Private' }
    $have = Get-LabSwitch -Name $name
    $owned = $null -ne $have -and (Test-LabOwner -Notes $have.Notes)
    if ($owned -and [string] $have.SwitchType -eq $type) {
        Write-LabRecord -Kind 'switch' -Name $name -State 'Unchanged'
        return
    }
    if ($null -ne $have -and [string] $have.SwitchType -eq 'External') {
        throw ('The switch {0} is an external one; it is not changed into {1}.' -f $name, $type)
    }
    if (-not $PSCmdlet.ShouldProcess($name, ('Create or repair virtual switch of type {0}' -f $type))) {
        Write-LabRecord -Kind 'switch' -Name $name -State 'Planned' -Detail $type
        return
    }
    if ($null -eq $have) {
        $null = Hyper-V\New-VMSwitch -Name $name -SwitchType $type -Notes $Lab.Tag
        Write-LabRecord -Kind 'switch' -Name $name -State 'Created' -Detail $type
        return
    }
    Hyper-V\Set-VMSwitch -VMSwitch $have -SwitchType $type -Notes $Lab.Tag
    Write-LabRecord -Kind 'switch' -Name $name -State 'Repaired' -Detail $type
}

function Test-LabGatewayReady {
    param(
        [Parameter(Mandatory)][hashtable] $Network,
        [Parameter(Mandatory)][int] $InterfaceIndex
    )
    $match = @(Get-LabHostAddress -InterfaceIndex $InterfaceIndex |
            Where-Object { $_.IPAddress -eq $Network.Gateway })
    foreach ($one in $match) {
        if ([string] $one.AddressState -eq 'Duplicate') {
            throw ('Another machine of the network already has the address {0}.' -f $Network.Gateway)
        }
    }
    @($match | Where-Object { [string] $_.AddressState -eq 'Preferred' }).Count -gt 0
}

function Initialize-LabGateway {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][hashtable] $Network)
    $name = '{0}/{1}' -f $Network.Gateway, $Network.PrefixLength
    $adapter = $null
    if (-not $WhatIfPreference) {
        # the adapter of a new switch appears some seconds later
        $adapter = Wait-LabCondition -Seconds 60 -Question { Get-LabHostAdapter -SwitchName $Network.Switch }
        if ($null -eq $adapter) { throw ('The adapter of the switch {0} did not appear.' -f $Network.Switch) }
    }
    else { $adapter = Get-LabHostAdapter -SwitchName $Network.Switch }

    $foreign = @()
    $good = @()
    $dhcp = @()
    if ($null -ne $adapter) {
        $index = [int] $adapter.InterfaceIndex
        $address = @(Get-LabHostAddress -InterfaceIndex $index)
        $good = @($address | Where-Object {
                $_.IPAddress -eq $Network.Gateway -and $_.PrefixLength -eq $Network.PrefixLength
            })
        # the link-local address Windows gives itself goes by itself
        $foreign = @($address | Where-Object {
                ($_.IPAddress -ne $Network.Gateway -or $_.PrefixLength -ne $Network.PrefixLength) -and
                -not $_.IPAddress.StartsWith('169.254.', [StringComparison]::Ordinal)
            })
        $dhcp = @(NetTCPIP\Get-NetIPInterface -ErrorAction Stop | Where-Object {
                $_.InterfaceIndex -eq $index -and $_.AddressFamily -eq 'IPv4' -and [string] $_.Dhcp -eq 'Enabled'
            })
    }
    if ($good.Count -gt 0 -and $foreign.Count -eq 0 -and $dhcp.Count -eq 0) {
        Write-LabRecord -Kind 'address' -Name $name -State 'Unchanged'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($name, ('Give the address to the host on {0}' -f $Network.Switch))) {
        Write-LabRecord -Kind 'address' -Name $name -State 'Planned' -Detail $Network.Switch
        return
    }
    if ($dhcp.Count -gt 0) {
        $static = @{
            InterfaceIndex = $index
            AddressFamily  = 'IPv4'
            Dhcp           = 'Disabled'
            Confirm        = $false
            ErrorAction    = 'Stop'
        }
        NetTCPIP\Set-NetIPInterface @static
    }
    foreach ($one in $foreign) {
        NetTCPIP\Remove-NetIPAddress -InputObject $one -Confirm:$false -ErrorAction Stop
    }
    if ($good.Count -eq 0) {
        # no default gateway here: the machine itself would be routed through its own guests
        $new = @{
            InterfaceIndex = $index
            IPAddress      = $Network.Gateway
            PrefixLength   = $Network.PrefixLength
            AddressFamily  = 'IPv4'
            Confirm        = $false
            ErrorAction    = 'Stop'
        }
        $null = NetTCPIP\New-NetIPAddress @new
        $silent = @{
            InterfaceIndex                 = $index
            RegisterThisConnectionsAddress = $false
            Confirm                        = $false
            ErrorAction                    = 'Stop'
        }
        DnsClient\Set-DnsClient @silent
    }
    $ready = Wait-LabCondition -Seconds 60 -Question { Test-LabGatewayReady -Network $Network -InterfaceIndex $index }
    if (-not $ready) { throw ('The address {0} did not become usable.' -f $name) }
    $state = 'Created'
    if ($foreign.Count -gt 0 -or $good.Count -gt 0) { $state = 'Repaired' }
    Write-LabRecord -Kind 'address' -Name $name -State $state -Detail $Network.Switch
}

function Initialize-LabNat {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][hashtable] $Network)
    $name = $Network.Nat
    $have = @(Get-LabNat | Where-Object { $_.Name -eq $name })
    if ($have.Count -gt 1) { throw ('More than one NAT is called {0}.' -f $name) }
    if ($have.Count -eq 1 -and $have[0].InternalIPInterfaceAddressPrefix -eq $Network.Subnet) {
        Write-LabRecord -Kind 'nat' -Name $name -State 'Unchanged'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($name, ('Create NAT for {0}' -f $Network.Subnet))) {
        Write-LabRecord -Kind 'nat' -Name $name -State 'Planned' -Detail $Network.Subnet
        return
    }
    $state = 'Created'
    if ($have.Count -eq 1) {
        # the prefix cannot be changed in place; the mappings go with the NAT and are added again below
        NetNat\Remove-NetNat -InputObject $have[0] -Confirm:$false -ErrorAction Stop
        $state = 'Repaired'
    }
    $new = @{
        Name                             = $name
        InternalIPInterfaceAddressPrefix = $Network.Subnet
        Confirm                          = $false
        ErrorAction                      = 'Stop'
    }
    $null = NetNat\New-NetNat @new
    $now = @(Get-LabNat | Where-Object {
            $_.Name -eq $name -and $_.InternalIPInterfaceAddressPrefix -eq $Network.Subnet
        })
    if ($now.Count -ne 1) { throw ('The NAT {0} does not have the prefix {1}.' -f $name, $Network.Subnet) }
    Write-LabRecord -Kind 'nat' -Name $name -State $state -Detail $Network.Subnet
}

function Initialize-LabMapping {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][string] $NatName,
        [Parameter(Mandatory)][hashtable] $Want
    )
    $name = '{0} {1}' -f $Want.Protocol, $Want.ExternalPort
    $goal = '{0}:{1} ({2})' -f $Want.InternalAddress, $Want.InternalPort, $Want.Guest
    $nat = @(Get-LabNat | Where-Object { $_.Name -eq $NatName })
    $have = @()
    if ($nat.Count -eq 1) { $have = @(Get-LabMapping -NatName $NatName -Want $Want) }
    $good = @($have | Where-Object {
            $_.InternalIPAddress -eq $Want.InternalAddress -and $_.InternalPort -eq $Want.InternalPort
        })
    if ($good.Count -eq 1 -and $have.Count -eq 1) {
        Write-LabRecord -Kind 'mapping' -Name $name -State 'Unchanged' -Detail $goal
        return
    }
    if (-not $PSCmdlet.ShouldProcess($name, ('Map port to {0}' -f $goal))) {
        Write-LabRecord -Kind 'mapping' -Name $name -State 'Planned' -Detail $goal
        return
    }
    # a mapping cannot be changed, only removed by its id and added
    foreach ($one in $have) {
        $old = @{
            NatName         = $NatName
            StaticMappingID = $one.StaticMappingID
            Confirm         = $false
            ErrorAction     = 'Stop'
        }
        NetNat\Remove-NetNatStaticMapping @old
    }
    $new = @{
        NatName           = $NatName
        Protocol          = $Want.Protocol
        ExternalIPAddress = $Want.ExternalAddress
        ExternalPort      = $Want.ExternalPort
        InternalIPAddress = $Want.InternalAddress
        InternalPort      = $Want.InternalPort
        Confirm           = $false
        ErrorAction       = 'Stop'
    }
    $null = NetNat\Add-NetNatStaticMapping @new
    $state = 'Created'
    if ($have.Count -gt 0) { $state = 'Repaired' }
    Write-LabRecord -Kind 'mapping' -Name $name -State $state -Detail $goal
}

function Initialize-LabNetwork {
    # a failure here stops the script: guests without their network are of no use
    param([Parameter(Mandatory)][hashtable] $Network)
    if ($Network.Kind -eq 'default-switch') { return }
    $Run.Row = $Network
    Initialize-LabSwitch -Network $Network
    if ($Network.Kind -ne 'private' -and $null -ne $Network.Gateway) { Initialize-LabGateway -Network $Network }
    if ($Network.Kind -ne 'nat') { return }
    Initialize-LabNat -Network $Network
    Initialize-LabService -Name 'WinNat'
    foreach ($mapping in $Lab.Mappings) {
        $label = '{0} {1}' -f $mapping.Protocol, $mapping.ExternalPort
        Invoke-LabStep -Kind 'mapping' -Name $label -Row $mapping -Action {
            Initialize-LabMapping -NatName $Network.Nat -Want $mapping
        }
    }
}

# --- folders and disks: nothing here ever deletes a disk ---------------------------------------------------

function Initialize-LabFolder {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][string] $Path)
    if (Test-Path -LiteralPath $Path -PathType Container) {
        Write-LabRecord -Kind 'folder' -Name $Path -State 'Unchanged'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($Path, 'Create folder')) {
        Write-LabRecord -Kind 'folder' -Name $Path -State 'Planned'
        return
    }
    $null = New-Item -Path $Path -ItemType Directory -Force -Confirm:$false
    Write-LabRecord -Kind 'folder' -Name $Path -State 'Created'
}

function Get-LabSourcePlace {
    # where the content of a disk is looked for, without an ending if any of the three will do; $null: nowhere
    param(
        [Parameter(Mandatory)][hashtable] $Guest,
        [Parameter(Mandatory)][hashtable] $Disk
    )
    $place = $Disk.Source
    if ($null -eq $place -and $null -eq $Disk.Parent -and $Disk.Boot) { $place = $Guest.Image }
    if ($null -eq $place) { return }
    $place
}

function Get-LabSource {
    # the file with the content of a disk; nothing if there is none (yet)
    param(
        [Parameter(Mandatory)][hashtable] $Guest,
        [Parameter(Mandatory)][hashtable] $Disk
    )
    $place = Get-LabSourcePlace -Guest $Guest -Disk $Disk
    if ($null -eq $place) { return }
    $candidate = @($place)
    if ($place -notmatch '\.(vhdx|vhd|iso)$') {
        $candidate = @(($place + '.vhdx'), ($place + '.vhd'), ($place + '.iso'))
    }
    foreach ($path in $candidate) {
        if (Test-LabFile -Path $path) { return $path }
    }
}

function Save-LabImage {
    # Under a partial name until it is complete and its checksum is right. BITS, because 5.1's web cmdlets keep
    # the whole file in memory.
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][hashtable] $Guest)
    $ending = $Guest.Url.Split('?')[0].ToLowerInvariant() -creplace '^.*\.', '.'
    if (@('.vhdx', '.vhd', '.iso', '.zip') -notcontains $ending) {
        throw ('Only .vhdx, .vhd, .iso and .zip are downloaded, not {0}.' -f $Guest.Url)
    }
    if (-not $PSCmdlet.ShouldProcess($Guest.Image, ('Download {0}' -f $Guest.Url))) { return }
    $partial = $Guest.Image + '.partial' + $ending
    BitsTransfer\Start-BitsTransfer -Source $Guest.Url -Destination $partial -Confirm:$false
    if ($null -ne $Guest.Sha256) {
        $hash = (Get-FileHash -LiteralPath $partial -Algorithm SHA256 -ErrorAction Stop).Hash
        if ($hash -ne $Guest.Sha256) { throw ('{0} has the SHA-256 {1}, not the described one.' -f $partial, $hash) }
    }
    if ($ending -eq '.zip') {
        $folder = $Guest.Image + '.unpacked'
        Expand-Archive -LiteralPath $partial -DestinationPath $folder -Force -Confirm:$false -ErrorAction Stop
        $inside = @(Get-ChildItem -LiteralPath $folder -Recurse -File |
                Where-Object { $_.Name -match '\.(vhdx?|iso)$' })
        if ($inside.Count -ne 1) { throw ('{0} holds {1} disks, not one.' -f $partial, $inside.Count) }
        $partial = $inside[0].FullName
        $ending = $partial.Substring($partial.LastIndexOf('.')).ToLowerInvariant()
    }
    Move-Item -LiteralPath $partial -Destination ($Guest.Image + $ending) -Confirm:$false
}

function Initialize-LabImage {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][hashtable] $Guest)
    if ($null -eq $Guest.Url) { return }
    $boot = @($Guest.Disks | Where-Object { $_.Boot })[0]
    if ($null -ne (Get-LabSource -Guest $Guest -Disk $boot) -or (Test-LabBootable -Guest $Guest)) {
        Write-LabRecord -Kind 'image' -Name $Guest.Name -State 'Unchanged'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($Guest.Name, ('Download {0}' -f $Guest.Url))) {
        Write-LabRecord -Kind 'image' -Name $Guest.Name -State 'Planned' -Detail $Guest.Url
        return
    }
    Save-LabImage -Guest $Guest
    Write-LabRecord -Kind 'image' -Name $Guest.Name -State 'Created' -Detail $Guest.Url
}

function Get-LabVhd {
    param([Parameter(Mandatory)][string] $Path)
    Hyper-V\Get-VHD -Path ([System.Management.Automation.WildcardPattern]::Escape($Path))
}

function Test-LabDiskEmpty {
    # a disk that was never written to: the first block written makes the file longer by a whole block
    param([Parameter(Mandatory)][object] $Vhd)
    if ([string] $Vhd.VhdType -ne 'Dynamic') { return $false }
    [long] $Vhd.FileSize -lt [math]::Min(16777216, [long] $Vhd.BlockSize)
}

function Test-LabBootable {
    # is there an operating system (or something written) on the guest's boot disk?
    param([Parameter(Mandatory)][hashtable] $Guest)
    foreach ($disk in $Guest.Disks) {
        if (-not $disk.Boot) { continue }
        if (-not (Test-LabFile -Path $disk.Path)) {
            # not created yet: it will be a copy of what is there now
            $source = Get-LabSource -Guest $Guest -Disk $disk
            return $null -ne $disk.Parent -or ($null -ne $source -and $source -notmatch '\.iso$')
        }
        if (-not $Run.HyperV) { return $true }
        return -not (Test-LabDiskEmpty -Vhd (Get-LabVhd -Path $disk.Path))
    }
    $false
}

function New-LabDiskFile {
    # The file appears under its final name only when it is complete: a killed run leaves a partial one,
    # which the next run replaces.
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][string] $Path,
        [Parameter(Mandatory)][string] $Source,
        [Parameter(Mandatory)][hashtable] $Disk
    )
    if (-not $PSCmdlet.ShouldProcess($Path, ('Copy {0}' -f $Source))) { return }
    $dot = $Path.LastIndexOf('.')
    $partial = $Path.Substring(0, $dot) + '.partial' + $Path.Substring($dot)
    if (Test-LabFile -Path $partial) { Remove-Item -LiteralPath $partial -Force -Confirm:$false }
    $have = Get-LabVhd -Path $Source
    if ([string] $have.VhdFormat -eq $Disk.Format -and [string] $have.VhdType -eq $Disk.Type) {
        Copy-Item -LiteralPath $Source -Destination $partial -Force -Confirm:$false
    }
    else {
        $convert = @{
            Path            = [System.Management.Automation.WildcardPattern]::Escape($Source)
            DestinationPath = $partial
            VHDType         = $Disk.Type
            Confirm         = $false
        }
        Hyper-V\Convert-VHD @convert
    }
    if ([long] (Get-LabVhd -Path $partial).Size -lt $Disk.Size) {
        $escaped = [System.Management.Automation.WildcardPattern]::Escape($partial)
        Hyper-V\Resize-VHD -Path $escaped -SizeBytes $Disk.Size -Confirm:$false
    }
    Move-Item -LiteralPath $partial -Destination $Path -Confirm:$false
}

function New-LabDisk {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Guest,
        [Parameter(Mandatory)][hashtable] $Disk
    )
    $path = $Disk.Path
    $source = Get-LabSource -Guest $Guest -Disk $Disk
    $place = Get-LabSourcePlace -Guest $Guest -Disk $Disk
    $copy = $null -ne $source -and $source -notmatch '\.iso$'
    $detail = 'empty, {0}' -f (Format-LabSize -Bytes $Disk.Size)
    if ($copy) { $detail = 'copy of {0}' -f $source }
    elseif ($Disk.Boot -and $null -eq $source -and $null -ne $Guest.Url) { $detail = 'copy of the downloaded image' }
    elseif ($null -ne $Disk.Parent) { $detail = 'differences to {0}' -f $Disk.Parent }
    elseif ($null -ne $place -and $null -eq $source -and -not $Disk.Boot) {
        throw ('The content of this disk is expected at {0}.' -f $place)
    }
    if (-not $PSCmdlet.ShouldProcess($path, ('Create disk: {0}' -f $detail))) {
        Write-LabRecord -Kind 'disk' -Name $path -State 'Planned' -Detail $detail
        return
    }
    if ($copy) {
        New-LabDiskFile -Path $path -Source $source -Disk $Disk
    }
    elseif ($null -ne $Disk.Parent) {
        if (-not (Test-LabFile -Path $Disk.Parent)) { throw ('The parent disk {0} is not there.' -f $Disk.Parent) }
        $null = Hyper-V\New-VHD -Path $path -ParentPath $Disk.Parent -Differencing -Confirm:$false
        if ([long] (Get-LabVhd -Path $path).Size -lt $Disk.Size) {
            $escaped = [System.Management.Automation.WildcardPattern]::Escape($path)
            Hyper-V\Resize-VHD -Path $escaped -SizeBytes $Disk.Size -Confirm:$false
        }
    }
    elseif ($Disk.Type -eq 'Fixed' -and ($null -eq $place -or $null -ne $source)) {
        $null = Hyper-V\New-VHD -Path $path -SizeBytes $Disk.Size -Fixed -Confirm:$false
    }
    else {
        # also in place of a fixed disk whose image is still missing: only so can it be seen to be empty later
        $null = Hyper-V\New-VHD -Path $path -SizeBytes $Disk.Size -Dynamic -Confirm:$false
    }
    Write-LabRecord -Kind 'disk' -Name $path -State 'Created' -Detail $detail
}

function Switch-LabDisk {
    # the image came after the empty disk: the disk nobody ever wrote to is set aside, the copy takes its place
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Disk,
        [Parameter(Mandatory)][string] $Source,
        [AllowNull()][object] $Vm
    )
    $path = $Disk.Path
    if ($null -ne $Vm -and [string] $Vm.State -ne 'Off') {
        $detail = 'the image {0} is there now: turn the guest off and run again' -f $Source
        Write-LabRecord -Kind 'disk' -Name $path -State 'Planned' -Detail $detail
        return
    }
    if (-not $PSCmdlet.ShouldProcess($path, ('Replace the empty disk by a copy of {0}' -f $Source))) {
        Write-LabRecord -Kind 'disk' -Name $path -State 'Planned' -Detail ('copy of {0}' -f $Source)
        return
    }
    # detached first: attaching it again is what gives the guest the right to open the new file
    if ($null -ne $Vm) {
        foreach ($drive in @(Hyper-V\Get-VMHardDiskDrive -VM $Vm)) {
            if ($drive.Path -eq $path) { Hyper-V\Remove-VMHardDiskDrive -VMHardDiskDrive $drive -Confirm:$false }
        }
    }
    $dot = $path.LastIndexOf('.')
    $stamp = [datetime]::UtcNow.ToString('yyyyMMddHHmmss')
    $aside = $path.Substring(0, $dot) + '.empty-' + $stamp + $path.Substring($dot)
    Move-Item -LiteralPath $path -Destination $aside -Confirm:$false
    New-LabDiskFile -Path $path -Source $Source -Disk $Disk
    $detail = 'copy of {0}; the empty disk is kept as {1}' -f $Source, $aside
    Write-LabRecord -Kind 'disk' -Name $path -State 'Repaired' -Detail $detail
}

function Initialize-LabDisk {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Guest,
        [Parameter(Mandatory)][hashtable] $Disk,
        [AllowNull()][object] $Vm
    )
    $path = $Disk.Path
    if (-not (Test-LabFile -Path $path)) {
        New-LabDisk -Guest $Guest -Disk $Disk
        return
    }
    if (-not $Run.HyperV) {
        Write-LabRecord -Kind 'disk' -Name $path -State 'Unchanged'
        return
    }
    $vhd = Get-LabVhd -Path $path
    if (Test-LabDiskEmpty -Vhd $vhd) {
        $source = Get-LabSource -Guest $Guest -Disk $Disk
        if ($null -ne $source -and $source -notmatch '\.iso$') {
            Switch-LabDisk -Disk $Disk -Source $source -Vm $Vm
            return
        }
    }
    elseif ([string] $vhd.VhdType -ne $Disk.Type) {
        Write-Warning -Message ('The disk {0} is {1}, not {2}; it stays.' -f $path, $vhd.VhdType, $Disk.Type)
    }
    if ([long] $vhd.Size -ge $Disk.Size) {
        Write-LabRecord -Kind 'disk' -Name $path -State 'Unchanged'
        return
    }
    $detail = '{0} -> {1}' -f (Format-LabSize -Bytes $vhd.Size), (Format-LabSize -Bytes $Disk.Size)
    if ($null -ne $Vm -and [string] $Vm.State -ne 'Off') {
        Write-LabRecord -Kind 'disk' -Name $path -State 'Planned' -Detail ($detail + ', when the guest is off')
        return
    }
    if (-not $PSCmdlet.ShouldProcess($path, ('Grow disk {0}' -f $detail))) {
        Write-LabRecord -Kind 'disk' -Name $path -State 'Planned' -Detail $detail
        return
    }
    $escaped = [System.Management.Automation.WildcardPattern]::Escape($path)
    Hyper-V\Resize-VHD -Path $escaped -SizeBytes $Disk.Size -Confirm:$false
    Write-LabRecord -Kind 'disk' -Name $path -State 'Repaired' -Detail $detail
}

function Test-LabAttached {
    # a checkpoint puts .avhdx files before the disk; the chain is followed back to it
    param(
        [Parameter(Mandatory)][object] $Vm,
        [Parameter(Mandatory)][string] $Path
    )
    foreach ($drive in @(Hyper-V\Get-VMHardDiskDrive -VM $Vm)) {
        $file = [string] $drive.Path
        for ($depth = 0; $depth -lt 64 -and $file -match '\.avhdx?$'; $depth++) {
            $file = [string] (Get-LabVhd -Path $file).ParentPath
        }
        if ($file -eq $Path) { return $true }
    }
    $false
}

function Connect-LabDisk {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Guest,
        [Parameter(Mandatory)][hashtable] $Disk,
        [AllowNull()][object] $Vm
    )
    $name = '{0} <- {1}' -f $Guest.Name, $Disk.Path.Substring($Disk.Path.LastIndexOf('\') + 1)
    if ($null -ne $Vm -and (Test-LabAttached -Vm $Vm -Path $Disk.Path)) {
        Write-LabRecord -Kind 'drive' -Name $name -State 'Unchanged'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($name, 'Attach disk')) {
        Write-LabRecord -Kind 'drive' -Name $name -State 'Planned'
        return
    }
    $controller = 'SCSI'
    if ($Guest.Generation -eq 1 -and $Disk.Boot) { $controller = 'IDE' }
    Hyper-V\Add-VMHardDiskDrive -VM $Vm -Path $Disk.Path -ControllerType $controller -Confirm:$false
    Write-LabRecord -Kind 'drive' -Name $name -State 'Created'
}

function Get-LabMedium {
    # the DVD a guest needs: the one of the table, or the image that is one while the disk is still empty
    param([Parameter(Mandatory)][hashtable] $Guest)
    if ($null -ne $Guest.Iso) {
        if (Test-LabFile -Path $Guest.Iso) { return $Guest.Iso }
        Write-Warning -Message ('The DVD {0} of the guest {1} is not there.' -f $Guest.Iso, $Guest.Name)
        return
    }
    if (Test-LabBootable -Guest $Guest) { return }
    foreach ($disk in $Guest.Disks) {
        if (-not $disk.Boot) { continue }
        $source = Get-LabSource -Guest $Guest -Disk $disk
        if ($null -ne $source -and $source -match '\.iso$') { return $source }
    }
}

function Initialize-LabMedium {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Guest,
        [AllowNull()][object] $Vm
    )
    $path = Get-LabMedium -Guest $Guest
    if ($null -eq $path) { return }
    $drive = @()
    if ($null -ne $Vm) { $drive = @(Hyper-V\Get-VMDvdDrive -VM $Vm) }
    if (@($drive | Where-Object { $_.Path -eq $path }).Count -gt 0) {
        Write-LabRecord -Kind 'dvd' -Name $Guest.Name -State 'Unchanged' -Detail $path
        return
    }
    if (-not $PSCmdlet.ShouldProcess($Guest.Name, ('Insert {0}' -f $path))) {
        Write-LabRecord -Kind 'dvd' -Name $Guest.Name -State 'Planned' -Detail $path
        return
    }
    if ($drive.Count -eq 0) { Hyper-V\Add-VMDvdDrive -VM $Vm -Path $path -Confirm:$false }
    else { Hyper-V\Set-VMDvdDrive -VMDvdDrive $drive[0] -Path $path -Confirm:$false }
    Write-LabRecord -Kind 'dvd' -Name $Guest.Name -State 'Created' -Detail $path
}

# --- guests ------------------------------------------------------------------------------------------------

function Add-LabGap {
    # one property of a guest that differs from the table; -Off: Hyper-V changes it only while the guest is off
    param(
        [Parameter(Mandatory)][AllowEmptyCollection()][System.Collections.Generic.List[object]] $List,
        [Parameter(Mandatory)][string] $Group,
        [Parameter(Mandatory)][string] $What,
        [AllowNull()][object] $Have,
        [AllowNull()][object] $Want,
        [switch] $Size,
        [switch] $Off
    )
    if ([string] $Have -eq [string] $Want) { return }
    $from = [string] $Have
    $to = [string] $Want
    if ($Size) {
        $from = Format-LabSize -Bytes $Have
        $to = Format-LabSize -Bytes $Want
    }
    $text = '{0} {1} -> {2}' -f $What, $from, $to
    $List.Add(@{ Group = $Group; Off = [bool] $Off; Text = $text })
}

function Get-LabGuestNote {
    # the notes a guest should carry: the tag in a line of its own, then the text of the table
    param([Parameter(Mandatory)][hashtable] $Want)
    if ([string]::IsNullOrEmpty($Want.Notes)) { return $Lab.Tag }
    $Lab.Tag + [char] 10 + $Want.Notes
}

function Test-LabCheckpointSwitch {
    # automatic checkpoints exist since Windows 10 1709 and Server 2019
    (Get-Command -Name 'Hyper-V\Set-VM').Parameters.ContainsKey('AutomaticCheckpointsEnabled')
}

function Get-LabMachineGap {
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Vm,
        [Parameter(Mandatory)][AllowEmptyCollection()][System.Collections.Generic.List[object]] $List
    )
    $note = ([string] $Vm.Notes).Replace([string] [char] 13, '')
    $text = ([string] $Want.Notes).Replace([string] [char] 13, '')
    # what somebody added to the notes by hand stays
    $written = (Test-LabOwner -Notes $Vm.Notes) -and $note.Contains($text)
    Add-LabGap -List $List -Group 'vm' -What 'notes as described' -Have $written -Want $true
    Add-LabGap -List $List -Group 'vm' -What 'stop action' -Have $Vm.AutomaticStopAction -Want $Want.StopAction
    Add-LabGap -List $List -Group 'vm' -What 'start action' -Have $Vm.AutomaticStartAction -Want $Want.StartAction
    Add-LabGap -List $List -Group 'vm' -What 'start delay' -Have $Vm.AutomaticStartDelay -Want $Want.StartDelay
    Add-LabGap -List $List -Group 'vm' -What 'checkpoints' -Have $Vm.CheckpointType -Want $Want.Checkpoint
    if (Test-LabCheckpointSwitch) {
        $automatic = [bool] $Vm.AutomaticCheckpointsEnabled
        Add-LabGap -List $List -Group 'vm' -What 'automatic checkpoints' -Have $automatic -Want $false
    }

    $memory = Hyper-V\Get-VMMemory -VM $Vm
    $dynamic = [bool] $memory.DynamicMemoryEnabled
    Add-LabGap -List $List -Group 'memory' -What 'dynamic memory' -Have $dynamic -Want $Want.Memory.Dynamic -Off
    Add-LabGap -List $List -Group 'memory' -What 'memory' -Have $memory.Startup -Want $Want.Memory.Startup -Size -Off
    if ($Want.Memory.Dynamic -and $dynamic) {
        $size = @{ List = $List; Group = 'memory'; Size = $true; Off = $true }
        Add-LabGap @size -What 'least memory' -Have $memory.Minimum -Want $Want.Memory.Minimum
        Add-LabGap @size -What 'most memory' -Have $memory.Maximum -Want $Want.Memory.Maximum
    }
    if ($Want.Memory.Dynamic -and $null -ne $Want.Memory.Buffer) {
        Add-LabGap -List $List -Group 'buffer' -What 'memory buffer' -Have $memory.Buffer -Want $Want.Memory.Buffer
    }
    if ($null -ne $Want.Memory.Weight) {
        Add-LabGap -List $List -Group 'buffer' -What 'memory weight' -Have $memory.Priority -Want $Want.Memory.Weight
    }

    $cpu = Hyper-V\Get-VMProcessor -VM $Vm
    $off = @{ List = $List; Group = 'processor'; Off = $true }
    $compatible = [bool] $cpu.CompatibilityForMigrationEnabled
    $exposed = [bool] $cpu.ExposeVirtualizationExtensions
    Add-LabGap @off -What 'processors' -Have $cpu.Count -Want $Want.Vcpus
    Add-LabGap @off -What 'processor compatibility' -Have $compatible -Want $Want.Compatibility
    Add-LabGap @off -What 'nested virtualization' -Have $exposed -Want $Want.Nested
}

function Get-LabFirmwareGap {
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Vm,
        [Parameter(Mandatory)][AllowEmptyCollection()][System.Collections.Generic.List[object]] $List
    )
    $firmware = Hyper-V\Get-VMFirmware -VM $Vm
    $off = @{ List = $List; Off = $true }
    Add-LabGap @off -Group 'firmware' -What 'secure boot' -Have $firmware.SecureBoot -Want $Want.SecureBoot
    if ($Want.SecureBoot -eq 'On' -and $null -ne $Want.BootTemplate) {
        $have = $firmware.SecureBootTemplate
        Add-LabGap @off -Group 'firmware' -What 'secure boot template' -Have $have -Want $Want.BootTemplate
    }
    # a TPM that is on although the table says no is left alone: the guest's disk may be encrypted with it
    if ($Want.Tpm) {
        $have = [bool] (Hyper-V\Get-VMSecurity -VM $Vm).TpmEnabled
        Add-LabGap @off -Group 'tpm' -What 'TPM' -Have $have -Want $true
    }
}

function Get-LabGuestGap {
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Vm
    )
    $list = New-Object -TypeName 'System.Collections.Generic.List[object]'
    Get-LabMachineGap -Want $Want -Vm $Vm -List $list
    if ($Want.Generation -eq 2) { Get-LabFirmwareGap -Want $Want -Vm $Vm -List $list }
    $list
}

function Set-LabGuest {
    # repairs the groups of properties that are named
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Vm,
        [Parameter(Mandatory)][AllowEmptyCollection()][string[]] $Group
    )
    if (-not $PSCmdlet.ShouldProcess($Want.Name, ('Set {0}' -f ($Group -join ', ')))) { return }
    if ($Group -contains 'vm') {
        $set = @{
            VM                   = $Vm
            Notes                = Get-LabGuestNote -Want $Want
            AutomaticStopAction  = $Want.StopAction
            AutomaticStartAction = $Want.StartAction
            AutomaticStartDelay  = $Want.StartDelay
            CheckpointType       = $Want.Checkpoint
            Confirm              = $false
        }
        if (Test-LabCheckpointSwitch) { $set.AutomaticCheckpointsEnabled = $false }
        Hyper-V\Set-VM @set
    }
    if ($Group -contains 'memory') {
        $set = @{ VM = $Vm; MemoryStartupBytes = $Want.Memory.Startup; Confirm = $false }
        if ($Want.Memory.Dynamic) {
            $set.DynamicMemory = $true
            $set.MemoryMinimumBytes = $Want.Memory.Minimum
            $set.MemoryMaximumBytes = $Want.Memory.Maximum
        }
        else { $set.StaticMemory = $true }
        Hyper-V\Set-VM @set
    }
    if ($Group -contains 'buffer') {
        $set = @{ VM = $Vm; Confirm = $false }
        if ($Want.Memory.Dynamic -and $null -ne $Want.Memory.Buffer) { $set.Buffer = $Want.Memory.Buffer }
        if ($null -ne $Want.Memory.Weight) { $set.Priority = $Want.Memory.Weight }
        Hyper-V\Set-VMMemory @set
    }
    if ($Group -contains 'processor') {
        $set = @{
            VM                              = $Vm
            Count                           = $Want.Vcpus
            CompatibilityForMigrationEnabled = $Want.Compatibility
            ExposeVirtualizationExtensions  = $Want.Nested
            Confirm                         = $false
        }
        Hyper-V\Set-VMProcessor @set
    }
    if ($Group -contains 'firmware') {
        $set = @{ VM = $Vm; EnableSecureBoot = $Want.SecureBoot; Confirm = $false }
        if ($Want.SecureBoot -eq 'On' -and $null -ne $Want.BootTemplate) {
            $set.SecureBootTemplate = $Want.BootTemplate
        }
        Hyper-V\Set-VMFirmware @set
    }
    if ($Group -contains 'tpm') {
        # an existing protector is kept: with another one the guest could not read what it has sealed
        $protector = @(Hyper-V\Get-VMKeyProtector -VM $Vm -Confirm:$false)
        if ($protector.Count -le 4) { Hyper-V\Set-VMKeyProtector -VM $Vm -NewLocalKeyProtector -Confirm:$false }
        Hyper-V\Enable-VMTPM -VM $Vm -Confirm:$false
    }
}

function New-LabGuest {
    # Created in the lab's own folder, so that even a machine without its tag is known to be ours.
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][hashtable] $Want)
    if (-not $PSCmdlet.ShouldProcess($Want.Name, 'Create virtual machine')) { return }
    $new = @{
        Name               = $Want.Name
        Generation         = $Want.Generation
        MemoryStartupBytes = $Want.Memory.Startup
        Path               = $Lab.Data + '\machines'
        NoVHD              = $true
        Confirm            = $false
    }
    Hyper-V\New-VM @new
}

function Stop-LabGuest {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][object] $Vm)
    if ([string] $Vm.State -eq 'Off') { return }
    if (-not $PSCmdlet.ShouldProcess($Vm.Name, 'Shut down guest')) { return }
    if ([string] $Vm.State -ne 'Running') {
        throw ('The guest is {0}: start it, shut it down, then run again.' -f $Vm.State)
    }
    Hyper-V\Stop-VM -VM $Vm -Force -Confirm:$false
    if ([string] (Get-LabGuest -Name $Vm.Name).State -ne 'Off') {
        throw 'The guest did not shut down; shut it down inside, then run again.'
    }
}

function Repair-LabGuest {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Vm,
        [Parameter(Mandatory)][AllowEmptyCollection()][object[]] $Gap
    )
    $detail = @($Gap | ForEach-Object { $_.Text }) -join '; '
    $wait = @($Gap | Where-Object { $_.Off -and [string] $Vm.State -ne 'Off' })
    if ($wait.Count -gt 0 -and -not $Run.AllowStop) {
        $now = @($Gap | Where-Object { -not $_.Off })
        if ($now.Count -gt 0) {
            $group = @($now | ForEach-Object { $_.Group })
            Set-LabGuest -Want $Want -Vm $Vm -Group $group
        }
        Write-LabRecord -Kind 'guest' -Name $Want.Name -State 'Planned' -Detail ('needs -AllowStop: ' + $detail)
        return
    }
    if (-not $PSCmdlet.ShouldProcess($Want.Name, ('Repair: {0}' -f $detail))) {
        Write-LabRecord -Kind 'guest' -Name $Want.Name -State 'Planned' -Detail $detail
        return
    }
    if ($wait.Count -gt 0) { Stop-LabGuest -Vm $Vm }
    $group = @($Gap | ForEach-Object { $_.Group })
    Set-LabGuest -Want $Want -Vm $Vm -Group $group
    $rest = @(Get-LabGuestGap -Want $Want -Vm (Get-LabGuest -Name $Want.Name))
    if ($rest.Count -gt 0) { throw ('It still differs after the repair: {0}' -f $rest[0].Text) }
    Write-LabRecord -Kind 'guest' -Name $Want.Name -State 'Repaired' -Detail $detail
}

function Initialize-LabMachine {
    # the virtual machine itself; its disks, drives and adapters have functions of their own
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][hashtable] $Want)
    $vm = Get-LabGuest -Name $Want.Name
    if ($null -eq $vm) {
        $memory = Format-LabSize -Bytes $Want.Memory.Startup
        $detail = '{0}, generation {1}, {2} vCPU, {3}' -f $Want.Os, $Want.Generation, $Want.Vcpus, $memory
        if (-not $PSCmdlet.ShouldProcess($Want.Name, ('Create guest: {0}' -f $detail))) {
            Write-LabRecord -Kind 'guest' -Name $Want.Name -State 'Planned' -Detail $detail
            return
        }
        $vm = New-LabGuest -Want $Want
        Set-LabGuest -Want $Want -Vm $vm -Group @('vm')
        $group = @(Get-LabGuestGap -Want $Want -Vm $vm | ForEach-Object { $_.Group })
        Set-LabGuest -Want $Want -Vm $vm -Group $group
        $rest = @(Get-LabGuestGap -Want $Want -Vm (Get-LabGuest -Name $Want.Name))
        if ($rest.Count -gt 0) { throw ('It differs after its creation: {0}' -f $rest[0].Text) }
        Write-LabRecord -Kind 'guest' -Name $Want.Name -State 'Created' -Detail $detail
        return
    }
    if ($vm.Generation -ne $Want.Generation) {
        throw ('It is of generation {0}, described is {1}. That cannot be changed: rename it or remove it.' -f
            $vm.Generation, $Want.Generation)
    }
    $gap = @(Get-LabGuestGap -Want $Want -Vm $vm)
    if ($gap.Count -eq 0) {
        Write-LabRecord -Kind 'guest' -Name $Want.Name -State 'Unchanged'
        return
    }
    Repair-LabGuest -Want $Want -Vm $vm -Gap $gap
}

function Initialize-LabGuest {
    param([Parameter(Mandatory)][hashtable] $Want)
    Initialize-LabMachine -Want $Want
    Initialize-LabImage -Guest $Want
    foreach ($disk in $Want.Disks) {
        $Run.Row = $disk
        Initialize-LabDisk -Guest $Want -Disk $disk -Vm (Get-LabGuest -Name $Want.Name)
    }
    $vm = Get-LabGuest -Name $Want.Name
    foreach ($disk in $Want.Disks) {
        $Run.Row = $disk
        Connect-LabDisk -Guest $Want -Disk $disk -Vm $vm
    }
    $Run.Row = $Want
    Initialize-LabMedium -Guest $Want -Vm $vm
    Initialize-LabBoot -Want $Want -Vm $vm
    foreach ($adapter in $Want.Adapters) {
        $Run.Row = $adapter
        Initialize-LabAdapter -Guest $Want -Want $adapter -Vm $vm
    }
    $Run.Row = $Want
    Remove-LabSpareAdapter -Guest $Want -Vm $vm
}

# --- what a guest boots from, its network adapters ---------------------------------------------------------

function Test-LabDiskFirst {
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Vm
    )
    if ($Want.Generation -eq 1) {
        return [string] @((Hyper-V\Get-VMBios -VM $Vm).StartupOrder)[0] -eq 'IDE'
    }
    $order = @((Hyper-V\Get-VMFirmware -VM $Vm).BootOrder)
    if ($order.Count -eq 0 -or [string] $order[0].BootType -ne 'Drive') { return $false }
    # hard disks and DVDs are drives both: the place on the controller tells which one this is
    $first = $order[0].Device
    $disk = @(Hyper-V\Get-VMHardDiskDrive -VM $Vm | Where-Object {
            $_.ControllerNumber -eq $first.ControllerNumber -and $_.ControllerLocation -eq $first.ControllerLocation
        })
    $disk.Count -gt 0
}

function Initialize-LabBoot {
    # the disk first, then a DVD: an empty disk is passed over, an installed one is not installed again
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [AllowNull()][object] $Vm
    )
    $boot = @($Want.Disks | Where-Object { $_.Boot })
    if ($boot.Count -eq 0) { return }
    if ($null -ne $Vm) {
        if (Test-LabDiskFirst -Want $Want -Vm $Vm) {
            Write-LabRecord -Kind 'boot' -Name $Want.Name -State 'Unchanged'
            return
        }
        if ([string] $Vm.State -ne 'Off') {
            Write-LabRecord -Kind 'boot' -Name $Want.Name -State 'Planned' -Detail 'when the guest is off'
            return
        }
    }
    if (-not $PSCmdlet.ShouldProcess($Want.Name, 'Boot from the disk first')) {
        Write-LabRecord -Kind 'boot' -Name $Want.Name -State 'Planned' -Detail 'disk first'
        return
    }
    if ($Want.Generation -eq 1) {
        Hyper-V\Set-VMBios -VM $Vm -StartupOrder @('IDE', 'CD', 'LegacyNetworkAdapter', 'Floppy') -Confirm:$false
    }
    else {
        # the DVD is set first and then pushed to the second place
        foreach ($drive in @(Hyper-V\Get-VMDvdDrive -VM $Vm)) {
            Hyper-V\Set-VMFirmware -VM $Vm -FirstBootDevice $drive -Confirm:$false
        }
        foreach ($drive in @(Hyper-V\Get-VMHardDiskDrive -VM $Vm)) {
            if ($drive.Path -eq $boot[0].Path) {
                Hyper-V\Set-VMFirmware -VM $Vm -FirstBootDevice $drive -Confirm:$false
            }
        }
    }
    Write-LabRecord -Kind 'boot' -Name $Want.Name -State 'Created' -Detail 'disk first'
}

function ConvertTo-LabSwitchState {
    # Hyper-V wants the words On and Off here, not a Boolean
    param([Parameter(Mandatory)][bool] $Value)
    if ($Value) { 'On' } else { 'Off' }
}

function Get-LabAdapterGap {
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Adapter
    )
    $list = New-Object -TypeName 'System.Collections.Generic.List[object]'
    $guard = @{ List = $list; Group = 'guard' }
    $wish = ConvertTo-LabSwitchState -Value $Want.DhcpGuard
    Add-LabGap @guard -What 'DHCP guard' -Have $Adapter.DhcpGuard -Want $wish
    $wish = ConvertTo-LabSwitchState -Value $Want.RouterGuard
    Add-LabGap @guard -What 'router guard' -Have $Adapter.RouterGuard -Want $wish
    $wish = ConvertTo-LabSwitchState -Value $Want.MacSpoofing
    Add-LabGap @guard -What 'MAC spoofing' -Have $Adapter.MacAddressSpoofing -Want $wish

    $name = Get-LabSwitchName -Network (Get-LabNetwork -Name $Want.Network)
    Add-LabGap -List $list -Group 'switch' -What 'switch' -Have $Adapter.SwitchName -Want $name
    if ($null -ne $Want.Mac) {
        $wish = $Want.Mac -creplace '[-:.]', ''
        $have = [string] $Adapter.MacAddress
        if ($Adapter.DynamicMacAddressEnabled) { $have = 'dynamic' }
        Add-LabGap -List $list -Group 'mac' -What 'MAC address' -Have $have -Want $wish -Off
    }
    $vlan = Hyper-V\Get-VMNetworkAdapterVlan -VMNetworkAdapter $Adapter
    $have = 0
    if ([string] $vlan.OperationMode -eq 'Access') { $have = [int] $vlan.AccessVlanId }
    $wish = 0
    if ($null -ne $Want.Vlan) { $wish = [int] $Want.Vlan }
    Add-LabGap -List $list -Group 'vlan' -What 'VLAN' -Have $have -Want $wish
    $list
}

function Set-LabAdapter {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Adapter,
        [Parameter(Mandatory)][AllowEmptyCollection()][string[]] $Group
    )
    if (-not $PSCmdlet.ShouldProcess($Want.Name, ('Set {0}' -f ($Group -join ', ')))) { return }
    if ($Group -contains 'guard') {
        $set = @{
            VMNetworkAdapter   = $Adapter
            DhcpGuard          = ConvertTo-LabSwitchState -Value $Want.DhcpGuard
            RouterGuard        = ConvertTo-LabSwitchState -Value $Want.RouterGuard
            MacAddressSpoofing = ConvertTo-LabSwitchState -Value $Want.MacSpoofing
            Confirm            = $false
        }
        Hyper-V\Set-VMNetworkAdapter @set
    }
    if ($Group -contains 'switch') {
        $name = Get-LabSwitchName -Network (Get-LabNetwork -Name $Want.Network)
        Hyper-V\Connect-VMNetworkAdapter -VMNetworkAdapter $Adapter -SwitchName $name -Confirm:$false
    }
    if ($Group -contains 'mac') {
        $address = $Want.Mac -creplace '[-:.]', ''
        Hyper-V\Set-VMNetworkAdapter -VMNetworkAdapter $Adapter -StaticMacAddress $address -Confirm:$false
    }
    if ($Group -contains 'vlan') {
        $set = @{ VMNetworkAdapter = $Adapter; Confirm = $false }
        if ($null -eq $Want.Vlan) { $set.Untagged = $true }
        else {
            $set.Access = $true
            $set.VlanId = [int] $Want.Vlan
        }
        Hyper-V\Set-VMNetworkAdapterVlan @set
    }
}

function Get-LabAdapter {
    param(
        [Parameter(Mandatory)][string] $Name,
        [AllowNull()][object] $Vm
    )
    if ($null -eq $Vm) { return }
    $found = @(Hyper-V\Get-VMNetworkAdapter -VM $Vm | Where-Object { $_.Name -eq $Name })
    if ($found.Count -gt 1) { throw ('{0} has more than one adapter called {1}.' -f $Vm.Name, $Name) }
    if ($found.Count -eq 1) { $found[0] }
}

function New-LabAdapter {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Want,
        [Parameter(Mandatory)][object] $Vm
    )
    if (-not $PSCmdlet.ShouldProcess($Want.Name, 'Add network adapter')) { return }
    $add = @{
        VM         = $Vm
        Name       = $Want.Name
        SwitchName = Get-LabSwitchName -Network (Get-LabNetwork -Name $Want.Network)
        Passthru   = $true
        Confirm    = $false
    }
    if ($Want.Legacy) { $add.IsLegacy = $true }
    Hyper-V\Add-VMNetworkAdapter @add
}

function Initialize-LabAdapter {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Guest,
        [Parameter(Mandatory)][hashtable] $Want,
        [AllowNull()][object] $Vm
    )
    $name = '{0}/{1}' -f $Guest.Name, $Want.Name
    $have = Get-LabAdapter -Name $Want.Name -Vm $Vm
    if ($null -eq $have) {
        if (-not $PSCmdlet.ShouldProcess($name, 'Add network adapter')) {
            Write-LabRecord -Kind 'adapter' -Name $name -State 'Planned' -Detail $Want.Network
            return
        }
        if ($Want.Legacy -and [string] $Vm.State -ne 'Off') {
            Write-LabRecord -Kind 'adapter' -Name $name -State 'Planned' -Detail 'when the guest is off'
            return
        }
        $have = New-LabAdapter -Want $Want -Vm $Vm
        $group = @(Get-LabAdapterGap -Want $Want -Adapter $have | ForEach-Object { $_.Group })
        if ($group.Count -gt 0) { Set-LabAdapter -Want $Want -Adapter $have -Group $group }
        Write-LabRecord -Kind 'adapter' -Name $name -State 'Created' -Detail $Want.Network
        return
    }
    $gap = @(Get-LabAdapterGap -Want $Want -Adapter $have)
    if ($gap.Count -eq 0) {
        Write-LabRecord -Kind 'adapter' -Name $name -State 'Unchanged'
        return
    }
    $detail = @($gap | ForEach-Object { $_.Text }) -join '; '
    $wait = @($gap | Where-Object { $_.Off -and [string] $Vm.State -ne 'Off' })
    if ($wait.Count -gt 0) {
        if (-not $Run.AllowStop) {
            Write-LabRecord -Kind 'adapter' -Name $name -State 'Planned' -Detail ('needs -AllowStop: ' + $detail)
            return
        }
        Stop-LabGuest -Vm $Vm
    }
    if (-not $PSCmdlet.ShouldProcess($name, ('Repair: {0}' -f $detail))) {
        Write-LabRecord -Kind 'adapter' -Name $name -State 'Planned' -Detail $detail
        return
    }
    $group = @($gap | ForEach-Object { $_.Group })
    Set-LabAdapter -Want $Want -Adapter $have -Group $group
    $rest = @(Get-LabAdapterGap -Want $Want -Adapter (Get-LabAdapter -Name $Want.Name -Vm $Vm))
    if ($rest.Count -gt 0) { throw ('The adapter still differs: {0}' -f $rest[0].Text) }
    Write-LabRecord -Kind 'adapter' -Name $name -State 'Repaired' -Detail $detail
}

function Remove-LabSpareAdapter {
    # New-VM always adds one adapter that is connected to nothing; adapters somebody connected stay
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory)][hashtable] $Guest,
        [AllowNull()][object] $Vm
    )
    if ($null -eq $Vm -or [string] $Vm.State -ne 'Off') { return }
    $known = @($Guest.Adapters | ForEach-Object { $_.Name })
    foreach ($adapter in @(Hyper-V\Get-VMNetworkAdapter -VM $Vm)) {
        if ($known -contains $adapter.Name -or -not [string]::IsNullOrEmpty($adapter.SwitchName)) { continue }
        if ($PSCmdlet.ShouldProcess($Guest.Name, 'Remove unconnected adapter')) {
            Hyper-V\Remove-VMNetworkAdapter -VMNetworkAdapter $adapter -Confirm:$false
        }
    }
}

# --- for the people who use the lab: rights, shortcut, running guests --------------------------------------

function Initialize-LabMember {
    # the group Hyper-V Administrators is found by its SID: its name is localized
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][string] $User)
    $sid = 'S-1-5-32-578'
    $account = @(Get-LocalUser | Where-Object { $_.Name -eq $User })
    $have = @()
    if ($account.Count -eq 1 -and ($Run.HyperV -or -not $WhatIfPreference)) {
        $have = @(Get-LocalGroupMember -SID $sid | Where-Object {
                [string] $_.SID -eq [string] $account[0].SID
            })
    }
    if ($have.Count -gt 0) {
        Write-LabRecord -Kind 'member' -Name $User -State 'Unchanged' -Detail 'Hyper-V Administrators'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($User, 'Add to Hyper-V Administrators')) {
        Write-LabRecord -Kind 'member' -Name $User -State 'Planned' -Detail 'Hyper-V Administrators'
        return
    }
    if ($account.Count -ne 1) {
        throw ('The account {0} does not exist on this machine. Create it, then run again.' -f $User)
    }
    Add-LocalGroupMember -SID $sid -Member $User -Confirm:$false
    Write-LabRecord -Kind 'member' -Name $User -State 'Created' -Detail 'Hyper-V Administrators'
}

function Initialize-LabShortcut {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param()
    $path = $env:PUBLIC + '\Desktop\Hyper-V Manager.lnk'
    $tool = $env:SystemRoot + '\System32\virtmgmt.msc'
    if (Test-LabFile -Path $path) {
        Write-LabRecord -Kind 'shortcut' -Name $path -State 'Unchanged'
        return
    }
    if ($Run.HyperV -and -not (Test-LabFile -Path $tool)) {
        Write-LabRecord -Kind 'shortcut' -Name $path -State 'Unchanged' -Detail 'this Windows has no Hyper-V Manager'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($path, 'Create shortcut')) {
        Write-LabRecord -Kind 'shortcut' -Name $path -State 'Planned'
        return
    }
    $shell = New-Object -ComObject 'WScript.Shell'
    $link = $shell.CreateShortcut($path)
    $link.TargetPath = $tool
    $link.Save()
    Write-LabRecord -Kind 'shortcut' -Name $path -State 'Created'
}

function Get-LabStartOrder {
    # the table's order, moved only as far as StartAfter asks
    $rest = New-Object -TypeName 'System.Collections.Generic.List[object]'
    foreach ($guest in $Lab.Guests) { $rest.Add($guest) }
    $done = New-Object -TypeName 'System.Collections.Generic.List[string]'
    while ($rest.Count -gt 0) {
        $next = 0
        for ($i = 0; $i -lt $rest.Count; $i++) {
            $open = @($rest[$i].StartAfter | Where-Object { $null -ne $_ -and -not $done.Contains($_) })
            if ($open.Count -eq 0) {
                $next = $i
                break
            }
        }
        $rest[$next]
        $done.Add($rest[$next].Name)
        $rest.RemoveAt($next)
    }
}

function Start-LabGuest {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][hashtable] $Want)
    if ($Want.OnDemand) {
        Write-LabRecord -Kind 'start' -Name $Want.Name -State 'Unchanged' -Detail 'on demand: started by hand'
        return
    }
    $broken = @($Run.Records | Where-Object { $_.state -eq 'Failed' -and $_.name -eq $Want.Name })
    if ($broken.Count -gt 0) {
        Write-LabRecord -Kind 'start' -Name $Want.Name -State 'Unchanged' -Detail 'not started: it is not complete'
        return
    }
    if (-not (Test-LabBootable -Guest $Want)) {
        $detail = 'no operating system'
        $medium = Get-LabMedium -Guest $Want
        if ($null -ne $medium) { $detail = 'start it and install from the DVD' }
        Write-LabRecord -Kind 'start' -Name $Want.Name -State 'Unchanged' -Detail $detail
        return
    }
    $vm = Get-LabGuest -Name $Want.Name
    if ($null -ne $vm -and [string] $vm.State -eq 'Running') {
        Write-LabRecord -Kind 'start' -Name $Want.Name -State 'Unchanged' -Detail 'running'
        return
    }
    if (-not $PSCmdlet.ShouldProcess($Want.Name, 'Start guest')) {
        Write-LabRecord -Kind 'start' -Name $Want.Name -State 'Planned'
        return
    }
    if ($null -eq $vm) { throw 'The guest does not exist.' }
    Hyper-V\Start-VM -VM $vm -Confirm:$false
    Write-LabRecord -Kind 'start' -Name $Want.Name -State 'Repaired' -Detail 'started'
}

# --- the run -----------------------------------------------------------------------------------------------

function Write-LabProgress {
    param(
        [Parameter(Mandatory)][string] $Status,
        [Parameter(Mandatory)][int] $Percent
    )
    Write-Progress -Id 1 -Activity 'Setting up the lab' -Status $Status -PercentComplete $Percent
}

function Initialize-LabLog {
    # called after the checks, so that a refused run leaves nothing behind
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory)][AllowEmptyString()][string] $Path)
    if ($Path -eq '') { return }
    if (-not $PSCmdlet.ShouldProcess($Path, 'Write log')) { return }
    if ($Path.Contains('\')) {
        $folder = Get-LabFolder -Path $Path
        if (-not (Test-Path -LiteralPath $folder -PathType Container)) {
            $null = New-Item -Path $folder -ItemType Directory -Force -Confirm:$false
        }
    }
    $Run.LogFile = $Path
}

function Initialize-LabHost {
    # everything behind the reboot
    foreach ($network in $Lab.Networks) {
        Write-LabProgress -Status ('Network {0}' -f $network.Name) -Percent 15
        Initialize-LabNetwork -Network $network
    }
    $turn = 0
    foreach ($guest in $Lab.Guests) {
        $percent = 20 + [int] (60 * $turn / $Lab.Guests.Count)
        Write-LabProgress -Status ('Guest {0}' -f $guest.Name) -Percent $percent
        Invoke-LabStep -Kind 'guest' -Name $guest.Name -Row $guest -Action {
            Initialize-LabGuest -Want $guest
        }
        $turn++
    }
    if (-not $Lab.AdminStudents) {
        Invoke-LabStep -Kind 'member' -Name $Lab.StudentUser -Key 'student_user' -Action {
            Initialize-LabMember -User $Lab.StudentUser
        }
    }
    if ($Lab.Shortcut) {
        Invoke-LabStep -Kind 'shortcut' -Name 'Hyper-V Manager' -Key 'desktop_shortcut' -Action {
            Initialize-LabShortcut
        }
    }
    Write-LabProgress -Status 'Starting guests' -Percent 85
    foreach ($guest in @(Get-LabStartOrder)) {
        Invoke-LabStep -Kind 'start' -Name $guest.Name -Row $guest -Action { Start-LabGuest -Want $guest }
    }
}

function Write-LabMissingSystem {
    # guests without an operating system: what to put where
    $missing = $false
    foreach ($guest in $Lab.Guests) {
        if (Test-LabBootable -Guest $guest) { continue }
        $missing = $true
        $medium = Get-LabMedium -Guest $guest
        if ($null -ne $medium) {
            Write-LabText -Text ('{0}: install it from its DVD in Hyper-V Manager.' -f $guest.Name)
            continue
        }
        $boot = @($guest.Disks | Where-Object { $_.Boot })
        $place = $null
        if ($boot.Count -gt 0) { $place = Get-LabSourcePlace -Guest $guest -Disk $boot[0] }
        if ($null -eq $place) {
            Write-LabText -Text ('{0}: has an empty disk; install {1} in Hyper-V Manager.' -f $guest.Name, $guest.Os)
            continue
        }
        if ($place -notmatch '\.(vhdx|vhd|iso)$') { $place = $place + '.vhdx (or .vhd, .iso)' }
        Write-LabText -Text ('{0}: no operating system; put {1} there as {2}' -f $guest.Name, $guest.Os, $place)
    }
    $missing
}

function Write-LabSummary {
    # the last line says what the person does next
    param([Parameter(Mandatory)][int] $Code)
    $planned = Measure-LabRecord -State 'Planned'
    $failed = Measure-LabRecord -State 'Failed'
    $made = Measure-LabRecord -State 'Created'
    $fixed = Measure-LabRecord -State 'Repaired'
    $same = Measure-LabRecord -State 'Unchanged'
    $count = '{0} unchanged, {1} created, {2} repaired, {3} planned, {4} failed.'
    Write-LabText -Text ''
    Write-LabText -Text ($count -f $same, $made, $fixed, $planned, $failed)
    if ($Code -eq 3010) {
        if ($Lab.Target -eq 'lab-services') {
            Write-LabText -Text 'Next: stop this machine in Azure Lab Services, start it, run setup.cmd again.'
        }
        else { Write-LabText -Text 'Next: restart Windows, then run this script again.' }
        return
    }
    if ($Code -ne 0) {
        Write-LabText -Text 'Next: mend what is reported as Failed above, then run setup.cmd again.'
        return
    }
    if ($WhatIfPreference) {
        if ($planned -eq 0) { Write-LabText -Text 'Next: nothing; this machine is as the table describes it.' }
        else { Write-LabText -Text 'Nothing was changed. Next: run setup.cmd to do what is planned.' }
        return
    }
    $missing = Write-LabMissingSystem
    if ($planned -gt 0) {
        Write-LabText -Text 'Next: shut down the guests named under Planned, then run setup.cmd again.'
    }
    elseif ($missing) { Write-LabText -Text 'Next: give the guests above their systems, then run setup.cmd again.' }
    else { Write-LabText -Text 'Done: the lab is set up. Next: sign in to each guest and try it.' }
}

$code = 1
$obstacle = $null
try {
    Write-LabText -Text ('{0}: checking this machine' -f $Lab.Title)
    $obstacle = @(Get-LabObstacle)
    if ($obstacle.Count -gt 0) {
        foreach ($text in $obstacle) { Write-Warning -Message $text }
        Write-LabText -Text 'Nothing was changed. Next: put right what is named above, then run setup.cmd again.'
        $code = 2
    }
    else {
        $log = $Lab.Scripts + '\setup.jsonl'
        if ($PSBoundParameters.ContainsKey('LogPath')) { $log = $LogPath }
        Initialize-LabLog -Path $log
        # first of all, so that images can be put there while Windows restarts
        foreach ($folder in @('', '\disks', '\images', '\machines')) {
            Initialize-LabFolder -Path ($Lab.Data + $folder)
        }
        Write-LabProgress -Status 'Windows features' -Percent 5
        $ready = Initialize-LabHyperV
        if ($ready -or $WhatIfPreference) {
            Initialize-LabHost
            $code = 0
            if ((Measure-LabRecord -State 'Failed') -gt 0) { $code = 1 }
        }
        else { $code = 3010 }
        Write-LabSummary -Code $code
    }
}
catch {
    $code = 1
    $detail = '{0} [{1}]' -f $_.Exception.Message, $_.FullyQualifiedErrorId
    Write-LabRecord -Kind 'script' -Name $Lab.Name -State 'Failed' -Detail $detail
    Write-LabText -Text 'Next: mend what is reported as Failed above, then run setup.cmd again.'
}
finally {
    Write-Progress -Id 1 -Activity 'Setting up the lab' -Completed
}
exit $code
