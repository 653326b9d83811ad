#Requires -Version 5.1

<#
.SYNOPSIS
	Compares this machine with the lab described by the table below. Changes nothing.

.DESCRIPTION
	Looks at every resource and every property that setup.ps1 sets, and says for each that differs what is there,
	what is described, and the line of lab.yaml it comes from. Then it tries the port mappings that lead to running
	guests, by a TCP connection to the guest (a machine does not reach its own mappings, and guests answer no ping), and
	runs the tests of the description: those of ports and pages from here, those of services and commands inside of the
	guests, where Windows lets PowerShell Direct in and -GuestCredential is given.

	Each thing is reported as Right, Differs, Missing, Orphan (left over from an earlier description), Noted (nothing
	is wrong, but something is not ready: a guest without operating system, a guest that is started by hand) or Failed
	(it could not be looked at).

	Exit codes: 0 everything is as described; 4 something differs or is missing; 1 something could not be looked at,
	or this script could not run.

.PARAMETER From
	For another machine of the same network: the address of the lab VM. Then only the port mappings are tried, from
	here, by TCP. This needs no Hyper-V and no administrator.

.PARAMETER GuestCredential
	An account of the guests, such as ann (the password is then asked for) or what Get-Credential made. With it the
	tests of services and commands are run inside of Windows guests, which need no network for it. It goes to the
	guests only, and is written nowhere.

.PARAMETER Json
	Write the result to this file as one JSON document.

.PARAMETER JUnit
	Write the result to this file in JUnit's XML, a test case for each thing.

.EXAMPLE
	powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\verify.ps1

.EXAMPLE
	powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\verify.ps1 -GuestCredential ann

.EXAMPLE
	powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\verify.ps1 -From 10.0.0.8
#>
[CmdletBinding()]
param(
	[Parameter()]
	[string]$From = '',

	[Parameter()]
	[ValidateNotNull()]
	[System.Management.Automation.PSCredential]
	[System.Management.Automation.Credential()]
	$GuestCredential = [System.Management.Automation.PSCredential]::Empty,

	[Parameter()]
	[string]$Json = '',

	[Parameter()]
	[string]$JUnit = ''
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Cmdlets that are functions do not see a script's preferences: every call has $Stop.
$Stop = @{ ErrorAction = 'Stop' }

# --- lab data: the only part that differs between labs ---
$Lab = @{
	Name = 'cross-lab-access'
	Title = 'Reach a nested VM from another lab VM'
	Tag = 'labc:cross-lab-access'
	Target = 'lab-services'
	Spec = 'lab.yaml'
	Files = @('lab.yaml')
	At = 'hosts.lab-vm-1 21'
	HostOs = 'Windows Server 2022'
	HostIsServer = $true
	HostReserve = 4GB
	AdminStudents = $true
	StudentUser = 'student'
	Shortcut = $true
	Adopt = $false
	Resume = 'manual'
	Data = 'C:\labc\cross-lab-access'
	DataDisk = $null
	Scripts = 'C:\Program Files\labc\cross-lab-access'

	Networks = @(
		@{
			Name = 'nat'; Kind = 'nat'; Switch = 'LabServicesSwitch'
			At = 'hosts.lab-vm-1.network 0'
			Subnet = '192.168.0.0/24'; Gateway = '192.168.0.1'; PrefixLength = 24
			Nat = 'LabServicesNat'; NatPrefix = '192.168.0.0/24'
		}
	)

	Guests = @(
		@{
			Name = 'ubuntu'; Os = 'Ubuntu 20.04 LTS'; Configure = 'cloud-init'; At = 'hosts.lab-vm-1.guests.ubuntu 26 memory=18 vcpus=18 os=27 address=28'
			Image = 'C:\labs\images\ubuntu-20.04.vhdx'
			Vcpus = 2; Memory = @{ Startup = 4GB }
			Address = '192.168.0.102'
			Disks = @(@{ Size = 25GB; At = 'hosts.lab-vm-1.guests.ubuntu.disk 26' })
			Adapters = @(@{ Mac = '02155DD0D8EF' })
		}
		@{
			Name = 'windows-11'; Os = 'Windows 11'; Configure = 'unattend'; At = 'hosts.lab-vm-1.guests.windows-11 30 memory=18 vcpus=18 os=31 address=32'
			Image = 'C:\labs\images\windows-11.vhdx'
			Vcpus = 2; Memory = @{ Startup = 4GB }; Tpm = $true; Compatibility = $false
			Address = '192.168.0.103'
			Disks = @(@{ Size = 64GB; At = 'hosts.lab-vm-1.guests.windows-11.disk 30' })
			Adapters = @(@{ Mac = '02155D578B56' })
		}
	)

	Mappings = @(
		@{ Guest = 'ubuntu'; InternalPort = 22; ExternalPort = 23; At = 'hosts.lab-vm-1.guests.ubuntu.ports[0] 29' }
		@{ Guest = 'windows-11'; InternalPort = 3389; ExternalPort = 3390; At = 'hosts.lab-vm-1.guests.windows-11.ports[0] 36'; Name = 'rdp' }
	)

	Tests = @(
	)
}
# --- end of lab data; everything below is the same for every lab ---

$Usual = @{
	Guest = @{
		Notes = $null; Image = $null; Url = $null; Bytes = 0; Sha256 = $null; Iso = $null; Edition = $null
		Generation = 2; SecureBoot = 'On'; BootTemplate = 'MicrosoftUEFICertificateAuthority'; Tpm = $false
		Compatibility = $Lab.Target -ne 'hyper-v'; Nested = $false; Ask = $true
		StopAction = 'ShutDown'; StartAction = 'Start'; StartDelay = 0; Checkpoint = 'Disabled'; OnDemand = $false
		Address = $null; Ports = @(); Reach = @()
	}
	unattend = @{ BootTemplate = 'MicrosoftWindows'; Ports = @(3389) }
	'cloud-init' = @{ Ports = @(22) }
	manual = @{}
	Memory = @{ Dynamic = $false; Minimum = $null; Maximum = $null; Buffer = $null; Weight = $null }
	Disk = @{ Path = $null; Url = $null; Source = $null; Parent = $null; Format = 'VHDX'; Type = 'Dynamic'; Boot = $true }
	Adapter = @{
		Network = 'nat'; Name = $null; Legacy = $false; Vlan = $null
		DhcpGuard = 'On'; RouterGuard = 'On'; MacSpoofing = 'Off'
	}
	Network = @{ Dhcp = $null; Egress = 'all' }
	Mapping = @{ Name = $null; InternalAddress = $null; Protocol = 'TCP'; ExternalAddress = '0.0.0.0' }
}

function Add-LabUsual($Of, $Row) {
	foreach ($one in $Row) {
		foreach ($key in $Usual[$Of].Keys) {
			if (-not $one.ContainsKey($key)) { $one[$key] = $Usual[$Of][$key] }
		}
	}
}

Add-LabUsual -Of Network -Row $Lab.Networks
Add-LabUsual -Of Mapping -Row $Lab.Mappings
$Lab.Nats = $Lab.Networks.Where({ $_.Kind -eq 'nat' })
$Address = @{}
foreach ($row in $Lab.Guests) {
	if ($row['Image'] -eq 'as above') {
		foreach ($key in 'Os', 'Configure', 'Image', 'Url', 'Bytes', 'Sha256', 'Edition') { $row[$key] = $above[$key] }
	}
	foreach ($key in $row.Configure, 'Guest') { Add-LabUsual -Of $key -Row $row }
	$above = $row
	Add-LabUsual -Of Memory -Row $row.Memory
	Add-LabUsual -Of Disk -Row $row.Disks
	Add-LabUsual -Of Adapter -Row $row.Adapters
	$Address[$row.Name] = $row.Address
	$row.System = $null
	$file = '{0}\disks\{1}' -f $Lab.Data, $row.Name
	$row.SeedPath = $file + '.seed.vhdx'
	foreach ($nic in $row.Adapters) {
		if (-not $nic.Name) { $nic.Name = $nic.Network }
		if (-not $nic['At']) { $nic.At = $row.At }
		$nic.Net = $Lab.Networks.Where({ $_.Name -eq $nic.Network })[0]
	}
	foreach ($disk in $row.Disks) {
		if (-not $disk.Path) { $disk.Path = $file + '.vhdx' }
		if (-not $disk.Boot) { continue }
		$row.System = $disk
		if (-not $disk.Source -and -not $disk.Parent) { $disk.Source, $disk.Url = $row.Image, $row.Url }
	}
}
foreach ($row in $Lab.Mappings) {
	if (-not $row.InternalAddress) { $row.InternalAddress = $Address[$row.Guest] }
	$row.Label = '{0} {1}' -f $row.Protocol, $row.ExternalPort
}

# --- reporting, values, the record of what was created ---

$Run = @{
	Results = [Collections.Generic.List[object]]::new()
	LogFile = ''
	HyperV = $false
	Server = $true
	AllowStop = $false
	Adopt = $false
	Prune = $false
	Recreate = @()
	ImageDir = ''
	Password = $null
	Broken = @()
	Row = $Lab
	Key = ''
	Record = $null
	Machine = $null
	Hash = ''
}

function Write-LabText([string]$Text) { Write-Information -MessageData $Text -InformationAction Continue }

function Write-LabResult($Kind, [string]$Name, $State, [string]$Detail) {
	$result = [pscustomobject]@{
		time = [datetime]::UtcNow.ToString('o')
		lab = $Lab.Name
		kind = $Kind
		name = $Name
		state = $State
		detail = $Detail
		place = Get-LabPlace -Row $Run.Row -Key $Run.Key
	}
	$Run.Results.Add($result)
	$text = ('{0,-9} {1} {2}  {3}' -f $State, $Kind, $Name, $Detail).TrimEnd()
	if ($State -eq 'Failed') { $text = '{0}; described at {1}' -f $text, $result.place }
	Write-LabText -Text $text
	if ($Run.LogFile) { Add-LabLine -Path $Run.LogFile -Of $result }
}

function Add-LabLine($Path, $Of) {
	$line = ConvertTo-Json -InputObject $Of -Compress
	Add-Content -LiteralPath $Path -Value $line -Encoding UTF8 -WhatIf:$false -Confirm:$false
}

function Get-LabPlace($Row, $Key) {
	$word = $Row.At.Split(' ')
	$path, $line = $word[0, 1]
	if ($Key -cmatch '^[a-z_.]+$') {
		$path = $word[0] + '.' + $Key
		foreach ($name in @($Key.Split('.')[0], $Key)) {
			foreach ($one in $word -clike ($name + '=*')) {
				$path = $word[0] + '.' + $name
				$line = $one.Substring($name.Length + 1)
			}
		}
	}
	$line, $number = $line.Split('@')
	$file = $Lab.Files[[int]$number]
	if ($line -ne '0') { $file += ':' + $line }
	'{0} ({1})' -f $file, $path
}

function Get-LabErrorText($Record) {
	$text, $id = $Record.Exception.Message, $Record.FullyQualifiedErrorId
	if ($id -eq $text) { $text } else { '{0} [{1}]' -f $text, $id }
}

function Measure-LabResult($State) { $Run.Results.Where({ $_.state -eq $State }).Count }

function Format-LabSize([long]$Of) {
	if ($Of -ge 10GB -or ($Of -gt 0 -and $Of % 1GB -eq 0)) { return '{0} GiB' -f [math]::Floor($Of / 1GB) }
	'{0} MiB' -f [math]::Ceiling($Of / 1MB)
}

function Test-LabOverlap($One, $Two) {
	$length = [math]::Min([int]$One.Split('/')[1], [int]$Two.Split('/')[1])
	$head = foreach ($prefix in @($One, $Two)) {
		[long]$number = 0
		foreach ($part in $prefix.Split('/')[0].Split('.')) { $number = $number * 256 + [long]$part }
		[math]::Floor($number / [math]::Pow(2, 32 - $length))
	}
	$head[0] -eq $head[1]
}

function Test-LabFile($Of) { Test-Path -LiteralPath $Of -PathType Leaf }

function Test-LabFolder($Of) { Test-Path -LiteralPath $Of -PathType Container }

function Get-LabLeaf($Of) { $Of -creplace '^.*\\', '' }

function Get-LabLiteral($Of) { [Management.Automation.WildcardPattern]::Escape($Of) }

function Wait-LabCondition($Question, $Seconds) {
	for ($waited = 0; $waited -le $Seconds; $waited += 2) {
		$answer = & $Question
		if ($answer) { return $answer }
		Start-Sleep -Seconds 2
	}
}

function Read-LabRecord($Path) {
	$found = @{}
	if (-not (Test-LabFile -Of $Path)) { return $found }
	foreach ($line in Get-Content -LiteralPath $Path -Encoding UTF8) {
		try {
			$one = ConvertFrom-Json -InputObject $line
			$key = $one.kind + ' ' + $one.name
			if ($one.gone) { $found.Remove($key) } else { $found[$key] = $one }
		}
		catch { Write-Verbose -Message ('Not a record: {0}' -f $line) }
	}
	$found
}

function Get-LabRecord([string]$Kind, $Name) {
	if (-not $Run.Record) { $Run.Record = Read-LabRecord -Path ($Lab.Scripts + '\created.jsonl') }
	$found = $Run.Record
	if ($null -eq $Name) { return @($found.Values).Where({ $Kind -eq '' -or $_.kind -eq $Kind }) }
	$key = $Kind + ' ' + $Name
	if ($found.ContainsKey($key)) { $found[$key] }
}

function Add-LabRecord($Kind, [string]$Name, [string]$From, [switch]$Gone) {
	if (-not (Test-LabFolder -Of $Lab.Scripts)) { return }
	$one = [pscustomobject]@{
		time = [datetime]::UtcNow.ToString('o')
		kind = $Kind
		name = $Name
		from = $From
		gone = [bool]$Gone
	}
	Add-LabLine -Path ($Lab.Scripts + '\created.jsonl') -Of $one
	if (-not $Run.Record) { return }
	$key = $Kind + ' ' + $Name
	if ($Gone) { $Run.Record.Remove($key) } else { $Run.Record[$key] = $one }
}

# --- Windows ---

function Test-LabElevation {
	$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
	$principal = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList $identity
	$principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Get-LabFeatureName {
	if ($Run.Server) { 'Hyper-V', 'Hyper-V-PowerShell' } else { 'Microsoft-Hyper-V-All' }
}

function Get-LabFeature($Name) {
	if ($Run.Server) { return [string](ServerManager\Get-WindowsFeature -Name $Name).InstallState }
	$state = [string](Dism\Get-WindowsOptionalFeature -Online -FeatureName $Name).State
	$state -replace '^Enabled$', 'Installed' -replace '^EnablePending$', 'InstallPending'
}

function Test-LabFeature {
	@(Get-LabFeatureName).Where({ (Get-LabFeature -Name $_) -ne 'Installed' }, 'First').Count -eq 0
}

function Get-LabManagement { Get-Service | Where-Object { $_.Name -eq 'vmms' } }

function Test-LabHyperV {
	$command = Get-Command -Name 'Hyper-V\Get-VMSwitch' -ErrorAction SilentlyContinue
	if (-not $command -or -not (Test-LabFeature) -or -not (Get-LabManagement)) { return $false }
	[bool](Wait-LabCondition -Seconds 120 -Question {
			Get-LabManagement | Where-Object { $_.Status -eq 'Running' }
		})
}

function Initialize-LabWindows {
	$Run.Server = (CimCmdlets\Get-CimInstance -ClassName Win32_OperatingSystem).ProductType -ne 1
	$Run.HyperV = Test-LabHyperV
}

function Add-LabFolder($For) {
	$folder = $For -creplace '[^\\]*$', ''
	if ($folder -and -not (Test-LabFolder -Of $folder)) { $null = New-Item -Path $folder -ItemType Directory -Force }
}

function Initialize-LabLog {
	[CmdletBinding(SupportsShouldProcess)]
	param($Path)
	if (-not $Path -or -not $PSCmdlet.ShouldProcess($Path, 'Write log')) { return }
	Add-LabFolder -For $Path
	$Run.LogFile = $Path
}

# All is enumerated and compared: a name given to a cmdlet is a wildcard, a failed lookup looks like an absent thing.

function Get-LabOnly($All, $Name, $Or) {
	$found = $All.Where({ $_.Name -eq $Name })
	if ($found.Count -gt 1) { throw $Or -f $Name }
	$found
}

function Get-LabSwitch($Name) {
	if (-not $Run.HyperV) { return }
	Get-LabOnly -All @(Hyper-V\Get-VMSwitch) -Name $Name -Or 'More than one virtual switch is called {0}.'
}

function Get-LabSwitchName($Net) {
	if ($Net.Kind -ne 'default-switch') { return $Net.Switch }
	$id = 'c08cb7b8-9b3c-408e-8e30-5e16a3aeb444'
	$found = @(Hyper-V\Get-VMSwitch).Where({ $id -eq $_.Id })
	if ($found.Count -ne 1) { throw 'This machine has no Default Switch; it exists on Windows 10 and 11 only.' }
	$found[0].Name
}

function Get-LabOwner([string]$Of) {
	if ($Of -cmatch '^labc:[^\r\n]*') { $Matches[0] }
}

function Test-LabOwner($Of) { (Get-LabOwner -Of $Of) -ceq $Lab.Tag }

function Test-LabGuestOwner($Vm) {
	if (Test-LabOwner -Of $Vm.Notes) { return $true }
	$folder = $Lab.Data + '\machines\'
	-not $Vm.Notes -and
		([string]$Vm.Path + '\').StartsWith($folder, [StringComparison]::OrdinalIgnoreCase)
}

function Get-LabGuest($Name) {
	if (-not $Run.HyperV) { return }
	if (-not $Run.Machine) {
		$Run.Machine = @{}
		foreach ($one in Hyper-V\Get-VM) { $Run.Machine[$one.Name] += @($one) }
	}
	$found = $Run.Machine[$Name]
	if (-not $found) { return }
	$own = $found.Where({ Test-LabGuestOwner -Vm $_ })
	if ($own.Count -eq 0 -and $Run.Adopt) { $own = $found }
	if ($own.Count -gt 1) { throw 'More than one virtual machine of this lab is called {0}.' -f $Name }
	if ($own.Count -eq 1) { Hyper-V\Get-VM -Id $own[0].Id }
}

function Get-LabHostAdapter($On) {
	if (-not $Run.HyperV) { return }
	$port = @(Hyper-V\Get-VMNetworkAdapter -ManagementOS).Where({ $_.SwitchName -eq $On })
	if (-not $port.Count) { return }
	$id = ([string]$port[0].DeviceId).Trim('{', '}')
	@(NetAdapter\Get-NetAdapter -IncludeHidden @Stop).Where({ ([string]$_.DeviceID).Trim('{', '}') -eq $id }, 'First')
}

function Get-LabHostAddress($Index) {
	NetTCPIP\Get-NetIPAddress @Stop | Where-Object {
		$_.InterfaceIndex -eq $Index -and $_.AddressFamily -eq 'IPv4'
	}
}

function Get-LabNat {
	try { NetNat\Get-NetNat @Stop }
	catch {
		if ($Run.HyperV) { throw }
		Write-Verbose -Message ('NAT not readable yet: {0}' -f $_.Exception.Message)
	}
}

function Get-LabVhd($Of) { Hyper-V\Get-VHD -Path (Get-LabLiteral -Of $Of) }

function Get-LabSource($Of) {
	$place = $Of.Source
	if (-not $place) { return }
	$ending = '.vhdx', '.vhd', '.iso'
	if ($place -match '\.(vhdx|vhd|iso)$') { $ending = '' }
	$where = @($place)
	if ($Run.ImageDir -and -not $Of.Url) { $where = ($Run.ImageDir + '\' + (Get-LabLeaf -Of $place)), $place }
	foreach ($path in $where) {
		foreach ($one in $ending) {
			if (Test-LabFile -Of ($path + $one)) { return $path + $one }
		}
	}
}

function Get-LabContent($Guest, $Disk) {
	if (-not $Disk -or -not $Disk.Source -or $Disk.Source -match '\.iso$') { return }
	if ($Guest.Url -and $Disk.Source -eq $Guest.Image) { return $Guest.Url }
	$Disk.Source -creplace '\.vhdx?$', ''
}

function Get-LabRecreateHold($Guest, $Disk) {
	if ($Run.Recreate -notcontains $Guest.Name) { return 'needs -Recreate ' + $Guest.Name }
	$from = Get-LabContent -Guest $Guest -Disk $Disk
	if ($from -and -not (Get-LabSource -Of $Disk)) { 'waits for its image' }
}

function Test-LabDiskEmpty($Of) {
	if ($Of.VhdType -ne 'Dynamic') { return $false }
	$Of.FileSize -lt [math]::Min(16MB, [long]$Of.BlockSize)
}

function Test-LabSystem($Of) {
	$source = Get-LabSource -Of $Of.System
	$source -and ($source -notmatch '\.iso$' -or $Of.Configure -eq 'unattend')
}

function Test-LabFresh($Of) {
	$disk = $Of.System
	if (-not $disk -or -not $Run.HyperV) { return $false }
	$stays = $Run.Recreate -notcontains $Of.Name -and (Test-LabFile -Of $disk.Path)
	if ($stays -and -not (Test-LabDiskEmpty -Of (Get-LabVhd -Of $disk.Path))) { return $false }
	if (-not (Get-LabSource -Of $disk)) { return $Of.Url -or $disk.Parent }
	Test-LabSystem -Of $Of
}

function Test-LabBootable($Of) {
	$disk = $Of.System
	if (-not $disk) { return $false }
	if (-not (Test-LabFile -Of $disk.Path)) {
		return $disk.Parent -or (Test-LabSystem -Of $Of)
	}
	if (-not $Run.HyperV) { return $true }
	-not (Test-LabDiskEmpty -Of (Get-LabVhd -Of $disk.Path))
}

function Get-LabMedium($Of) {
	if ($Of.Iso) { return Get-LabSource -Of @{ Source = $Of.Iso; Url = $null } }
	$disk = $Of.System
	if (-not $disk -or (Test-LabBootable -Of $Of)) { return }
	if (-not (Test-LabSystem -Of $Of)) { Get-LabSource -Of $disk }
}

function Test-LabAttached($Vm, $Path) {
	foreach ($drive in Hyper-V\Get-VMHardDiskDrive -VM $Vm) {
		$file = $drive.Path
		for ($depth = 0; $depth -lt 64 -and $file -match '\.avhdx?$'; $depth++) {
			$file = (Get-LabVhd -Of $file).ParentPath
		}
		if ($file -eq $Path) { return $true }
	}
	$false
}

# --- marks: the checkpoints of reset.ps1, known by their name ---

function Get-LabMarkName { '{0} mark' -f $Lab.Tag }

function Get-LabMark([object]$Vm) {
	$name = Get-LabMarkName
	Hyper-V\Get-VMSnapshot -VM $Vm | Where-Object { $_.Name -ceq $name }
}

function Get-LabNewestMark([object]$Vm) {
	$newest = $null
	foreach ($one in Get-LabMark -Vm $Vm) {
		if ($null -eq $newest -or $one.CreationTime -gt $newest.CreationTime) { $newest = $one }
	}
	$newest
}

function Get-LabMarkTime([object]$Checkpoint) {
	([datetime]$Checkpoint.CreationTime).ToString('s').Replace('T', ' ')
}

# --- what the labs of one machine share ---
# They have no room for a tag. A lab that creates or finds one has it in its record, so the last lab that is removed
# takes it away, and what others made is nobody's.

function Test-LabShared($Kind, $Name) {
	$root = $Lab.Scripts.Substring(0, $Lab.Scripts.LastIndexOf('\'))
	if (-not (Test-LabFolder -Of $root)) { return $false }
	$own = $Lab.Scripts + '\created.jsonl'
	foreach ($file in Get-ChildItem -LiteralPath $root -Recurse -File) {
		if ($file.Name -ne 'created.jsonl' -or $file.FullName -eq $own) { continue }
		if ((Read-LabRecord -Path $file.FullName).ContainsKey($Kind + ' ' + $Name)) { return $true }
	}
	$false
}

function Get-LabMapping($Nat) {
	if (@(Get-LabNat).Where({ $_.Name -eq $Nat }).Count -eq 0) { return }
	NetNat\Get-NetNatStaticMapping @Stop | Where-Object { $_.NatName -eq $Nat }
}

function Get-LabForeignMapping($Nat) {
	$subnet = $Lab.Nats.ForEach({ $_.Subnet })
	foreach ($one in Get-LabMapping -Nat $Nat) {
		if (Get-LabRecord -Kind mapping -Name ('{0} {1}' -f $one.Protocol, $one.ExternalPort)) { continue }
		$address = $one.InternalIPAddress + '/32'
		if ($subnet.Where({ Test-LabOverlap -One $_ -Two $address }).Count -eq 0) { $one }
	}
}

function Get-LabNatUser($Nat) {
	$other = @(Get-LabForeignMapping -Nat $Nat.Name)
	if ($other.Count) { return '{0} port mapping(s) of others are in it' -f $other.Count }
	foreach ($port in Hyper-V\Get-VMNetworkAdapter -ManagementOS) {
		$of = Get-LabSwitch -Name $port.SwitchName
		if (-not $of -or (Test-LabOwner -Of $of.Notes)) { continue }
		$live = Get-LabHostAdapter -On $port.SwitchName | ForEach-Object { Get-LabHostAddress -Index $_.InterfaceIndex }
		foreach ($one in $live) {
			if (Test-LabOverlap -One $Nat.InternalIPInterfaceAddressPrefix -Two ($one.IPAddress + '/32')) {
				return 'the switch {0} is in it' -f $port.SwitchName
			}
		}
	}
}

# how each kind of resource is read; the blocks see $It and, for short, $Want, $Guest and $Vm
$Read = @{}

# Get-LabResource lists what the lab is made of, Get-LabState says what is there of it, Get-LabGap what differs.

function Get-LabItem($Phase, $Kind, $Guest, $Name = $Guest.Name, $Want, $Key = '', [switch]$Vital) {
	if ($null -eq $Want) { $Want = @($Guest, $Name).Where({ $_ })[0] }
	@{ Phase = $Phase; Kind = $Kind; Name = $Name; Want = $Want; Guest = $Guest; Key = $Key; Vital = [bool]$Vital }
}

function Get-LabWindowsItem {
	$of = @{ Phase = 'Windows'; Vital = $true }
	Get-LabItem @of -Kind folder -Name $Lab.Scripts
	if ($Lab.DataDisk) { Get-LabItem @of -Kind volume -Name $Lab.DataDisk -Key data }
	foreach ($part in '', '\disks', '\images', '\machines') {
		Get-LabItem @of -Kind folder -Name ($Lab.Data + $part) -Key data
	}
	Get-LabItem @of -Kind rights -Name $Lab.Data -Key data
	foreach ($name in Get-LabFeatureName) { Get-LabItem @of -Kind feature -Name $name }
	if ($Lab.Networks.Where({ $_.Dhcp }).Count) { Get-LabItem @of -Kind feature -Name DHCP }
}

function Get-LabNetworkItem($Net) {
	$of = @{ Phase = 'Network'; Want = $Net }
	Get-LabItem @of -Kind switch -Name $Net.Switch -Vital
	if ($Net.Kind -ne 'private' -and $Net.Gateway) {
		Get-LabItem @of -Kind address -Name ($Net.Gateway + '/' + $Net.PrefixLength) -Vital
	}
	if ($Net.Dhcp) {
		Get-LabItem @of -Kind binding -Name $Net.Switch -Vital
		Get-LabItem @of -Kind scope -Name $Net.Dhcp.Id
	}
	if ($Net.Kind -ne 'nat') { return }
	Get-LabItem @of -Kind nat -Name $Net.Nat -Vital
	Get-LabItem -Phase Network -Kind service -Name WinNat -Vital
	foreach ($map in $Lab.Mappings) {
		$map.Nat = $Net.Nat
		Get-LabItem -Phase Network -Kind mapping -Name $map.Label -Want $map
	}
	foreach ($protocol in 'TCP', 'UDP') {
		if ($Lab.Mappings.Where({ $_.Protocol -eq $protocol }).Count -eq 0) { continue }
		$name = '{0}-{1}' -f $Lab.Tag.Replace(':', '-'), $protocol.ToLowerInvariant()
		Get-LabItem -Phase Network -Kind firewall -Name $name -Want $protocol
	}
}

function Get-LabGuestItem($Guest) {
	$of = @{ Phase = 'Guests'; Guest = $Guest }
	Get-LabItem @of -Kind guest
	if ($Guest.Url) { Get-LabItem @of -Kind image }
	$seeded = $Guest.Configure -eq 'cloud-init'
	if ($seeded) { Get-LabItem @of -Kind seed -Key configure }
	foreach ($disk in $Guest.Disks) {
		Get-LabItem @of -Kind disk -Name $disk.Path -Want $disk
		$name = $Guest.Name + ' <- ' + (Get-LabLeaf -Of $disk.Path)
		Get-LabItem @of -Kind drive -Name $name -Want $disk
	}
	if ($seeded) { Get-LabItem @of -Kind seeddrive }
	if ($Read['dvd']) { Get-LabItem @of -Kind dvd }
	Get-LabItem @of -Kind boot
	foreach ($nic in $Guest.Adapters) {
		$on = $of + @{ Name = $Guest.Name + '/' + $nic.Name }
		Get-LabItem @on -Kind adapter -Want $nic
		if ($nic.Net.Egress -ne 'all') { Get-LabItem @on -Kind egress -Want $nic.Net -Key egress }
	}
	Get-LabItem @of -Kind autostart
}

function Get-LabResource {
	Get-LabWindowsItem
	foreach ($net in $Lab.Networks) {
		if ($net.Kind -ne 'default-switch') { Get-LabNetworkItem -Net $net }
	}
	foreach ($guest in $Lab.Guests) { Get-LabGuestItem -Guest $guest }
	if (-not $Lab.AdminStudents) {
		Get-LabItem -Phase Access -Kind member -Name $Lab.StudentUser -Key student_user
	}
	if ($Lab.Shortcut) {
		foreach ($name in @('Hyper-V Manager', ('Start ' + $Lab.Name))) {
			$path = '{0}\Desktop\{1}.lnk' -f $env:PUBLIC, $name
			Get-LabItem -Phase Access -Kind shortcut -Name $path -Key desktop_shortcut
		}
	}
	foreach ($guest in $Lab.Guests) { Get-LabItem -Phase Start -Kind start -Guest $guest }
	foreach ($guest in $Lab.Guests) {
		$of = @{ Phase = 'Start'; Guest = $guest }
		if ($guest.Ports.Count -or $guest.Configure -ne 'manual') { Get-LabItem @of -Kind alive }
		Get-LabItem @of -Kind unseed
	}
}

function Get-LabState($Item) {
	$Want, $Guest, $Vm = $Item.Want, $Item.Guest, $null
	if ($Guest) { $Vm = Get-LabGuest -Name $Guest.Name }
	$It = $Item + @{ Vm = $Vm; Detail = ''; Rows = @(); OffToCreate = $false; Note = ''; Skip = $false }
	$Same = [ordered]@{}
	$Action = $Read[$Item.Kind]
	$It.Have = & $Action
	$It.Rows += @($Same.Keys).ForEach({ @{ What = $_; Have = $Same[$_][0]; Want = $Same[$_][1] } })
	$It
}

function Get-LabRow($Of, $From, $Want) {
	foreach ($one in $Property[$Of]) {
		$row = $one.Clone()
		$row.Of = $Of
		foreach ($key in 'As', 'Want') {
			if (-not $row[$key]) { $row[$key] = $one.Read }
		}
		$row.Have = $From.($one.Read)
		$row.Want = $Want[$row.Want]
		if ($null -ne $row.Want) { $row }
	}
}

# --- what is there ---

$Read.folder = { if (Test-LabFolder -Of $Want) { $Want } }

$Read.feature = {
	$have = Get-LabFeature -Name $Want
	if ($have -eq 'InstallPending') { $It.Note = 'waits for a restart of Windows' }
	if ('Installed', 'InstallPending' -contains $have) { $have }
}

$Read.service = {
	$have = Get-Service -Name $Want -ErrorAction SilentlyContinue
	$have
	if ($have) { $Same['start type'] = $have.StartType, 'Automatic' }
}

$Read.member = {
	$It.Detail = 'Hyper-V Administrators'
	$account = @(Get-LocalUser).Where({ $_.Name -eq $Want })
	if ($account.Count -ne 1 -or -not $Run.HyperV) { return }
	$have = @(Get-LocalGroupMember -SID S-1-5-32-578).Where({ [string]$_.SID -eq [string]$account[0].SID })
	if ($have.Count) { $account[0] }
}

$Manager = $env:SystemRoot + '\System32\virtmgmt.msc'

$Read.shortcut = {
	if (Test-LabFile -Of $Want) { $Want }
	elseif (-not $Want.EndsWith('\Hyper-V Manager.lnk')) {
		$from = @(($Lab.Scripts + '\start-lab.ps1'), (Get-LabBeside -Name start-lab.ps1))
		$It.Skip = -not $from.Where({ Test-LabFile -Of $_ }).Count
	}
	elseif ($Run.HyperV -and -not (Test-LabFile -Of $Manager)) {
		$Want
		$It.Note = 'this Windows has no Hyper-V Manager'
	}
}

$Read.switch = {
	$type = @{ private = 'Private'; external = 'External'; internal = 'Internal'; nat = 'Internal' }[$Want.Kind]
	$It.Detail = $type
	$have = Get-LabSwitch -Name $Want.Switch
	if (-not $have) { return }
	$have
	$Same.kind = $have.SwitchType, $type
	if ($type -ne 'External') { $Same['owner tag'] = (Get-LabOwner -Of $have.Notes), $Lab.Tag }
}

$Read.address = {
	$It.Detail = $Want.Switch
	$It.Foreign = @()
	$It.Index = $null
	$nic = Get-LabHostAdapter -On $Want.Switch
	if (-not $nic) { return }
	$It.Index = $nic.InterfaceIndex
	$have = @()
	foreach ($one in Get-LabHostAddress -Index $It.Index) {
		$text = $one.IPAddress + '/' + $one.PrefixLength
		if ($text -ne $It.Name) {
			if ($text.StartsWith('169.254.')) { continue }
			$It.Foreign += $one
		}
		$have += $text
	}
	if (-not $have) { return }
	$nic
	$dhcp = (NetTCPIP\Get-NetIPInterface -InterfaceIndex $It.Index -AddressFamily IPv4 @Stop).Dhcp
	$Same.gateway = ($have -join ', '), $It.Name
	$Same.DHCP = $dhcp, 'Disabled'
}

$Read.nat = {
	$It.Detail = $Want.NatPrefix
	$have = Get-LabOnly -All @(Get-LabNat) -Name $It.Name -Or 'More than one NAT is called {0}.'
	if (-not $have) { return }
	$have
	$Same.subnet = $have.InternalIPInterfaceAddressPrefix, $Want.NatPrefix
}

$Read.mapping = {
	$goal = '{0}:{1}' -f $Want.InternalAddress, $Want.InternalPort
	$It.Detail = '{0} ({1})' -f $goal, $Want.Guest
	$It.Note = $It.Detail
	$have = @(Get-LabMapping -Nat $Want.Nat | Where-Object {
			$Want.Protocol -eq $_.Protocol -and $_.ExternalPort -eq $Want.ExternalPort -and
			([string]$_.ExternalIPAddress).Split('/')[0] -eq $Want.ExternalAddress
		})
	if ($have.Count -eq 0) { return }
	$have
	$target = $have.ForEach({ '{0}:{1}' -f $_.InternalIPAddress, $_.InternalPort }) -join ', '
	$Same.internal = $target, $goal
}

# --- guests ---

# What it is, the property to read, and where their names are others the key of the lab's data (Want) and the parameter
# that sets it (As). Off: it changes only while the guest is off.
$Property = @{
	Vm = @(
		@{ What = 'automatic_stop'; Read = 'AutomaticStopAction'; Want = 'StopAction' }
		@{ What = 'start_delay'; Read = 'AutomaticStartDelay'; Want = 'StartDelay' }
		@{ What = 'checkpoints'; Read = 'CheckpointType'; Want = 'Checkpoint' }
	)
	Processor = @(
		@{ What = 'vcpus'; Read = 'Count'; Want = 'Vcpus'; Off = $true }
		@{ What = 'processor_compatibility'; Read = 'CompatibilityForMigrationEnabled'; Want = 'Compatibility'; Off = $true }
		@{ What = 'nested'; Read = 'ExposeVirtualizationExtensions'; Want = 'Nested'; Off = $true }
	)
	Firmware = @(
		@{ What = 'secure_boot'; Read = 'SecureBoot'; As = 'EnableSecureBoot'; Off = $true }
		@{ What = 'secure_boot'; Read = 'SecureBootTemplate'; Want = 'BootTemplate'; Off = $true }
	)
	Memory = @(
		@{ What = 'dynamic memory'; Read = 'DynamicMemoryEnabled'; Want = 'Dynamic'; Off = $true }
		@{ What = 'memory.startup'; Read = 'Startup'; As = 'StartupBytes'; Off = $true; Size = $true }
		@{ What = 'memory.weight'; Read = 'Priority'; Want = 'Weight' }
		@{ What = 'memory.minimum'; Read = 'Minimum'; As = 'MinimumBytes'; Off = $true; Size = $true }
		@{ What = 'memory.maximum'; Read = 'Maximum'; As = 'MaximumBytes'; Off = $true; Size = $true }
		@{ What = 'memory.buffer'; Read = 'Buffer' }
	)
	Adapter = @(
		@{ What = 'DHCP guard'; Read = 'DhcpGuard' }
		@{ What = 'router guard'; Read = 'RouterGuard' }
		@{ What = 'MAC spoofing'; Read = 'MacAddressSpoofing'; Want = 'MacSpoofing' }
	)
}

function Get-LabNoteRow($Want, $Vm) {
	$text = $Want.Notes -replace '\r', ''
	$have = $Vm.Notes -replace '\r', ''
	$note = $Lab.Tag
	if ($text) { $note = $Lab.Tag + [char]10 + $text }
	$written = (Test-LabOwner -Of $Vm.Notes) -and $have.Contains($text)
	@{ What = 'notes'; Of = 'Vm'; Have = $written; Want = $true; As = 'Notes'; Value = $note }
}

function Get-LabSpareAdapter($Want, $Vm) {
	if ($Vm.State -ne 'Off') { return }
	$known = $Want.Adapters.ForEach({ $_.Name })
	Hyper-V\Get-VMNetworkAdapter -VM $Vm |
		Where-Object { $known -notcontains $_.Name -and -not $_.SwitchName }
}

$Read.guest = {
	$memory = Format-LabSize -Of $Want.Memory.Startup
	$It.Detail = '{0}, generation {1}, {2} vCPU, {3}' -f $Want.Os, $Want.Generation, $Want.Vcpus, $memory
	if (-not $Vm) { return }
	$Vm
	if ($Vm.Generation -ne $Want.Generation) {
		$hold = Get-LabRecreateHold -Guest $Want -Disk $Want.System
		$row = @{ What = 'generation'; Of = 'Generation'; Have = $Vm.Generation; Want = $Want.Generation }
		$It.Rows = @($row + @{ Off = $true; Hold = $hold; Vital = $true })
		return
	}
	$It.Rows = @(
		Get-LabNoteRow -Want $Want -Vm $Vm
		Get-LabRow -Of Vm -From $Vm -Want $Want
		Get-LabRow -Of Memory -From (Hyper-V\Get-VMMemory -VM $Vm) -Want $Want.Memory
		Get-LabRow -Of Processor -From (Hyper-V\Get-VMProcessor -VM $Vm) -Want $Want
		if ($Want.Generation -eq 2) { Get-LabRow -Of Firmware -From (Hyper-V\Get-VMFirmware -VM $Vm) -Want $Want }
		if ((Get-Command -Name 'Hyper-V\Set-VM').Parameters.ContainsKey('AutomaticCheckpointsEnabled')) {
			$on = [bool]$Vm.AutomaticCheckpointsEnabled
			@{ What = 'automatic checkpoints'; Of = 'Vm'; Have = $on; Want = $false; As = 'AutomaticCheckpointsEnabled' }
		}
		if ($Want.Tpm) {
			@{ What = 'tpm'; Of = 'Tpm'; Have = (Hyper-V\Get-VMSecurity -VM $Vm).TpmEnabled; Want = $true; Off = $true }
		}
		$spare = @(Get-LabSpareAdapter -Want $Want -Vm $Vm).Count
		@{ What = 'unconnected adapters'; Of = 'Spare'; Have = $spare; Want = 0; Off = $true }
	)
}

$Read.autostart = {
	if (-not $Vm) { return }
	$Vm
	$Same.automatic_start = $Vm.AutomaticStartAction, $Want.StartAction
}

$Read.boot = {
	$It.Detail = 'disk first'
	$It.OffToCreate = $true
	$It.Skip = -not $Want.System
	if ($It.Skip -or -not $Vm) { return }
	if ($Want.Generation -eq 1) {
		if ('IDE' -eq @((Hyper-V\Get-VMBios -VM $Vm).StartupOrder)[0]) { $Vm }
		return
	}
	$order = @((Hyper-V\Get-VMFirmware -VM $Vm).BootOrder)
	if (-not $order.Count -or 'Drive' -ne $order[0].BootType) { return }
	$first = $order[0].Device
	Hyper-V\Get-VMHardDiskDrive -VM $Vm | Where-Object {
		$_.ControllerNumber -eq $first.ControllerNumber -and $_.ControllerLocation -eq $first.ControllerLocation
	}
}

function Get-LabAdapter($Name, $Vm) {
	if (-not $Vm) { return }
	Get-LabOnly -All @(Hyper-V\Get-VMNetworkAdapter -VM $Vm) -Name $Name -Or 'More than one adapter is called {0}.'
}

function Get-LabAcl($Nic) {
	Hyper-V\Get-VMNetworkAdapterExtendedAcl -VMNetworkAdapter $Nic |
		Where-Object { $_.Weight -gt 31000 -and $_.Weight -lt 32000 }
}

$Read.adapter = {
	$It.Detail = $Want.Network
	$It.OffToCreate = $Want.Legacy
	$have = Get-LabAdapter -Name $Want.Name -Vm $Vm
	if (-not $have) { return }
	$have
	$It.Rows = @(
		Get-LabRow -Of Adapter -From $have -Want $Want
		@{ What = 'network'; Of = 'Switch'; Have = $have.SwitchName; Want = Get-LabSwitchName -Net $Want.Net }
		if ($Want.Mac) {
			$mac = $have.MacAddress
			if ($have.DynamicMacAddressEnabled) { $mac = 'dynamic' }
			@{ What = 'mac'; Of = 'Adapter'; Have = $mac; Want = $Want.Mac; As = 'StaticMacAddress'; Off = $true }
		}
		$vlan = Hyper-V\Get-VMNetworkAdapterVlan -VMNetworkAdapter $have
		$id = 0
		if ($vlan.OperationMode -eq 'Access') { $id = $vlan.AccessVlanId }
		@{ What = 'vlan'; Of = 'Vlan'; Have = $id; Want = [int]$Want.Vlan }
	)
}

$Read.start = {
	$It.Detail = 'start'
	if ($Want.OnDemand) { $It.Note = 'on demand: started by hand' }
	elseif (-not (Test-LabBootable -Of $Want)) {
		$It.Note = 'no operating system'
		if (Get-LabMedium -Of $Want) { $It.Note = 'start it and install from the DVD' }
	}
	elseif ($Vm) { $Same['power state'] = $Vm.State, 'Running' }
	else { return }
	$Want
}

function Get-LabDiskDetail($Guest, $Disk, $Source, $Media) {
	if ($Media) { return '{0} from {1}' -f $Guest.Os, $Media }
	if ($Source) { return 'copy of ' + $Source }
	if ($Disk.Parent) { return 'differences to ' + $Disk.Parent }
	if ($Disk.Boot -and $Guest.Url -and -not (Get-LabSource -Of $Disk)) { return 'copy of the downloaded image' }
	'empty, ' + (Format-LabSize -Of $Disk.Size)
}

$Read.disk = {
	$source = Get-LabSource -Of $Want
	$It.Media = $null
	if ($source -match '\.iso$') {
		if ($Want.Boot -and (Test-LabSystem -Of $Guest)) { $It.Media = $source }
		$source = $null
	}
	$It.Source = $source
	$It.Detail = Get-LabDiskDetail -Guest $Guest -Disk $Want -Source $source -Media $It.Media
	if (-not (Test-LabFile -Of $Want.Path)) { return }
	$Want.Path
	if (-not $Run.HyperV) { return }
	$vhd = Get-LabVhd -Of $Want.Path
	if (Test-LabDiskEmpty -Of $vhd) {
		if ($source -or $It.Media) {
			$It.Rows = @(@{ What = 'source'; Have = 'empty'; Want = $It.Detail; Off = $true; Copy = $true })
			return
		}
	}
	else {
		$content = Get-LabContent -Guest $Guest -Disk $Want
		$of = @{ Hold = Get-LabRecreateHold -Guest $Guest -Disk $Want; Off = $true; Copy = $true }
		$It.Rows = @(
			$of + @{ What = 'type'; Have = $vhd.VhdType; Want = $Want.Type }
			if ($Want.Type -eq 'Differencing') { $of + @{ What = 'parent'; Have = $vhd.ParentPath; Want = $Want.Parent } }
			foreach ($one in Get-LabRecord -Kind content -Name $Want.Path) {
				if ($content) { $of + @{ What = 'image'; Have = $one.from; Want = $content } }
			}
		)
	}
	$size = [math]::Max([long]$vhd.Size, $Want.Size)
	$It.Rows += @{ What = 'size'; Have = $vhd.Size; Want = $size; Size = $true; Off = $true }
	if (-not $Vm -or -not (Hyper-V\Get-VMSnapshot -VM $Vm)) { return }
	foreach ($row in $It.Rows) { $row.Hold = 'needs its checkpoints removed' }
}

$Read.drive = {
	$It.Detail = 'SCSI'
	if ($Guest.Generation -eq 1 -and $Want.Boot) { $It.Detail = 'IDE' }
	$It.OffToCreate = $It.Detail -eq 'IDE'
	if ($Vm -and (Test-LabAttached -Vm $Vm -Path $Want.Path)) { $Vm }
}

$Read.dvd = {
	$path = Get-LabMedium -Of $Guest
	$It.Skip = -not $path
	if ($It.Skip -and $Guest.Iso) {
		Write-Warning -Message ('The DVD {0} of the guest {1} is not there.' -f $Guest.Iso, $Guest.Name)
	}
	if ($It.Skip) { return }
	$It.Detail = $It.Note = $path
	$It.Drives = @()
	if (-not $Vm) { return }
	$It.Drives = @(Hyper-V\Get-VMDvdDrive -VM $Vm)
	if ($It.Drives.Where({ $_.Path -eq $path }).Count) { $path }
}

$Read.image = {
	$It.Detail = $Guest.Url
	$source = Get-LabSource -Of $Guest.System
	if (-not $source -and ($Run.Recreate -contains $Guest.Name -or -not (Test-LabBootable -Of $Guest))) { return }
	$Guest
	foreach ($one in Get-LabRecord -Kind image -Name $Guest.Image) {
		if ($source) { $Same.image = $one.from, $Guest.Url }
	}
}

$Read.seed = {
	$It.Detail = 'first boot: address, name, account'
	if ((Test-LabFile -Of $Want.SeedPath) -or -not (Test-LabFresh -Of $Want)) { $Want }
}

$Read.seeddrive = {
	$It.Skip = -not (Test-LabFile -Of $Want.SeedPath)
	$It.Detail = 'SCSI'
	if ($Vm -and (Test-LabAttached -Vm $Vm -Path $Want.SeedPath)) { $Vm }
}

function Get-LabLife($Guest, $Vm) {
	if (-not (Test-LabBootable -Of $Guest)) { return 'no OS' }
	if (-not $Vm -or $Vm.State -ne 'Running') { return 'off' }
	$closed = @($Guest.Ports | Where-Object {
			$ask = @{ ComputerName = $Guest.Address; Port = $_; InformationLevel = 'Quiet' }
			-not (NetTCPIP\Test-NetConnection @ask -WarningAction SilentlyContinue @Stop)
		})
	$heard = [string]$Vm.Heartbeat -clike 'Ok*'
	$known = $Guest.Ports.Count -and -not (Test-LabFile -Of $Guest.SeedPath)
	if ($closed.Count -eq 0 -and ($heard -or $known)) { return 'up' }
	if ($heard) { return 'port {0} closed' -f $closed[0] }
	'booting'
}

$Read.alive = {
	$life = Get-LabLife -Guest $Want -Vm $Vm
	$Want
	$It.Note = $life
	if ($Want.OnDemand -or $Want.Configure -eq 'manual' -or 'no OS', 'off' -contains $life) { return }
	$Same.life = $life, 'up'
}

$Read.unseed = {
	$Want
	$It.Skip = -not (Test-LabFile -Of $Want.SeedPath)
	if ($It.Skip) { return }
	$row = @{ What = 'seed'; Have = 'there'; Want = 'removed' }
	$life = Get-LabLife -Guest $Want -Vm $Vm
	$It.Note = 'for the first boot, which is yet to come'
	if ($Want.OnDemand -and $life -eq 'off') { return }
	if ($life -ne 'up') { $row.Hold = 'after the first boot ({0})' -f $life }
	$It.Rows = @($row)
}

function Get-LabBeside($Name) {
	if (-not $PSCommandPath) { return $Lab.Scripts + '\' + $Name }
	if ($Name -eq 'setup.ps1') { return $PSCommandPath }
	$PSCommandPath -creplace '[^\\/]+$', $Name
}

function Get-LabVolume($Letter) {
	CimCmdlets\Get-CimInstance -ClassName Win32_LogicalDisk | Where-Object { $_.DeviceID -eq $Letter }
}

$Read.rights = {
	if (-not (Test-LabFolder -Of $Want)) { return }
	$acl = Get-Acl -LiteralPath $Want
	$rule = $acl.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])
	$who = @($rule).ForEach({ [string]$_.IdentityReference })
	$open = @('S-1-1-0', 'S-1-5-11', 'S-1-5-32-545').Where({ $who -contains $_ })
	$acl
	$Same['inherited rights'] = (-not $acl.AreAccessRulesProtected), $false
	$Same['open to'] = ($open -join ', '), ''
}

$Read.volume = {
	$It.Detail = 'data disk, LUN 0'
	$have = Get-LabVolume -Letter $Want
	if ($have -and $have.FileSystem) { $have }
}

$Read.firewall = {
	$port = [int[]]$Lab.Mappings.Where({ $_.Protocol -eq $Want }).ForEach({ $_.ExternalPort })
	[array]::Sort($port)
	$It.Port = [string[]]$port
	$It.Detail = 'inbound {0} {1}' -f $Want, ($port -join ', ')
	$rule = NetSecurity\Get-NetFirewallRule @Stop | Where-Object { $_.Name -eq $It.Name }
	if (-not $rule) { return }
	$rule
	$filter = NetSecurity\Get-NetFirewallPortFilter -AssociatedNetFirewallRule $rule @Stop
	$Same['mapped ports'] = (@($filter.LocalPort) -join ', '), ($port -join ', ')
	$Same['rule direction'] = $rule.Direction, 'Inbound'
	$Same['rule action'] = $rule.Action, 'Allow'
	$Same['rule enabled'] = $rule.Enabled, 'True'
}

function Get-LabResolver($Dns) {
	if ($Dns.Count) { return $Dns }
	if ($Run['Resolver']) { return $Run.Resolver }
	$own = $Lab.Networks.ForEach({ Get-LabHostAdapter -On $_.Switch }).ForEach({ $_.InterfaceIndex })
	$all = @(DnsClient\Get-DnsClientServerAddress -AddressFamily IPv4 @Stop |
			Where-Object { $own -notcontains $_.InterfaceIndex } | ForEach-Object { $_.ServerAddresses })
	$once = [ordered]@{}
	foreach ($one in $all) { $once[$one] = $true }
	$Run.Resolver = @($once.Keys)
	$Run.Resolver
}

function Get-LabEgressRule($Guest, $Net) {
	$map = $Lab.Mappings.Where({ $_.Guest -eq $Guest.Name -and $Net.Kind -eq 'nat' })
	$map.ForEach({ 'Inbound Allow {0} {1} ANY ANY stateful' -f $_.Protocol, $_.InternalPort })
	if ($Net.Egress -eq 'internet') {
		$near = @($Net.Subnet)
		$far = @('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10', 'fc00::/7')
		foreach ($server in Get-LabResolver -Dns $Net.Dns) {
			'Outbound Allow UDP ANY {0} 53 stateless' -f $server
			'Outbound Allow TCP ANY {0} 53 stateless' -f $server
		}
		@($Guest.Reach).ForEach({ 'Outbound Allow {0} stateless' -f $_ })
	}
	else {
		$near = @($Net.Subnet, '255.255.255.255', '224.0.0.0/4', 'fe80::/10', 'ff00::/8')
		$far = @('0.0.0.0/0', '::/0')
	}
	$near.ForEach({ 'Outbound Allow ANY ANY {0} ANY stateless' -f $_ })
	$far.ForEach({ 'Outbound Deny ANY ANY {0} ANY stateless' -f $_ })
}

function Format-LabAcl($Rule) {
	if (-not $Rule) { return 'none' }
	@($Rule.Direction, $Rule.Action, $Rule.Protocol, $Rule.LocalPort, $Rule.RemoteIPAddress, $Rule.RemotePort,
		@('stateless', 'stateful')[[int]$Rule.Stateful]) -join ' '
}

$Read.egress = {
	$It.Detail = 'beyond its network: {0}' -f $Want.Egress
	$It.Adapter = Get-LabAdapter -Name $It.Name.Substring($Guest.Name.Length + 1) -Vm $Vm
	if (-not $It.Adapter) { return }
	$found = @{}
	foreach ($one in Get-LabAcl -Nic $It.Adapter) { $found[[int]$one.Weight] = $one }
	if ($found.Count) { $It.Adapter }
	$weight = 32000
	foreach ($text in Get-LabEgressRule -Guest $Guest -Net $Want) {
		$weight--
		$old = $found[$weight]
		$found.Remove($weight)
		$It.Rows += @{ What = 'egress'; Have = Format-LabAcl -Rule $old; Want = $text; Old = $old; Weight = $weight }
	}
	foreach ($one in $found.Values) {
		$It.Rows += @{ What = 'egress'; Have = Format-LabAcl -Rule $one; Want = 'none'; Old = $one }
	}
}

function Get-LabScope($Id) {
	if ((Get-LabFeature -Name DHCP) -ne 'Installed') { return }
	DhcpServer\Get-DhcpServerv4Scope @Stop | Where-Object { $Id -eq $_.ScopeId }
}

$Read.binding = {
	$It.Detail = 'on the switches of the lab only'
	if ((Get-LabFeature -Name DHCP) -ne 'Installed') { return }
	'DHCP'
	$on = @{}
	foreach ($net in $Lab.Networks.Where({ $_.Dhcp })) {
		$nic = Get-LabHostAdapter -On $net.Switch
		if ($nic) { $on[$nic.Name] = 'missing' }
	}
	$all = @{} + $on
	foreach ($one in DhcpServer\Get-DhcpServerv4Binding @Stop) { $all[$one.InterfaceAlias] = $one.BindingState }
	foreach ($one in $all.Keys) {
		$want = $on.ContainsKey($one)
		$It.Rows += @{ What = 'DHCP on ' + $one; Have = $all[$one]; Want = $want; Alias = $one }
	}
}

$Read.scope = {
	$dhcp = $Want.Dhcp
	$range = '{0}-{1}' -f $dhcp.Start, $dhcp.End
	$It.Detail = $range
	$have = Get-LabScope -Id $It.Name
	if (-not $have) { return }
	if ($dhcp.Mask -ne $have.SubnetMask) {
		throw 'The scope has the mask {0}, which cannot be changed; remove the scope.' -f $have.SubnetMask
	}
	$have
	$option = @(DhcpServer\Get-DhcpServerv4OptionValue -ScopeId $It.Name @Stop)
	$router = $option.Where({ $_.OptionId -eq 3 }).ForEach({ $_.Value }) -join ', '
	$dns = $option.Where({ $_.OptionId -eq 6 }).ForEach({ $_.Value }) -join ', '
	$Same['dhcp.scope'] = $have.Name, $dhcp.Scope
	$Same['owner tag'] = $have.Description, $Lab.Tag
	$Same['dhcp.range'] = ('{0}-{1}' -f $have.StartRange, $have.EndRange), $range
	$Same['dhcp.lease'] = $have.LeaseDuration, [timespan]::FromSeconds($dhcp.Lease)
	$Same['scope state'] = $have.State, 'Active'
	$Same.gateway = $router, $Want.Gateway
	$Same.dns = $dns, (@(Get-LabResolver -Dns $Want.Dns) -join ', ')
}

# --- what left the description ---
# Known as ours by its tag, or by the record. It stays until -Prune; disks stay always.

function Get-LabLeftGuest {
	foreach ($vm in @(Hyper-V\Get-VM).Where({ Test-LabGuestOwner -Vm $_ })) {
		$guest = $Lab.Guests.Where({ $_.Name -eq $vm.Name })
		if ($guest.Count -eq 0) {
			@{ Kind = 'guest'; Name = $vm.Name; Have = $vm; Vm = $vm; Detail = 'its disks stay in ' + $Lab.Data; Ours = $true }
			continue
		}
		$disk = $guest[0].Disks.ForEach({ $_.Path })
		foreach ($one in Hyper-V\Get-VMHardDiskDrive -VM $vm) {
			$ours = $disk -notcontains $one.Path -and (Get-LabRecord -Kind disk -Name $one.Path)
			$label = $vm.Name + ' <- ' + $one.Path
			@{ Kind = 'drive'; Name = $label; Have = $one; Vm = $vm; Detail = 'its file stays'; Ours = $ours }
		}
		foreach ($one in Hyper-V\Get-VMNetworkAdapter -VM $vm) {
			$label = $vm.Name + '/' + $one.Name
			$rule = @(Get-LabAcl -Nic $one)
			if ($rule.Count) { @{ Kind = 'egress'; Name = $label; Have = $rule; Detail = ''; Ours = $true } }
			@{ Kind = 'adapter'; Name = $label; Have = $one; Vm = $vm; Detail = '' }
		}
	}
}

function Get-LabLeftNetwork {
	foreach ($one in NetSecurity\Get-NetFirewallRule @Stop) {
		@{ Kind = 'firewall'; Name = $one.Name; Have = $one; Detail = $one.DisplayName; Ours = $one.Group -ceq $Lab.Tag }
	}
	if ($Run.Server -and (Get-LabFeature -Name DHCP) -eq 'Installed') {
		foreach ($one in DhcpServer\Get-DhcpServerv4Scope @Stop) {
			$ours = $one.Description -ceq $Lab.Tag
			@{ Kind = 'scope'; Name = [string]$one.ScopeId; Have = $one; Detail = $one.Name; Ours = $ours }
		}
	}
	foreach ($one in NetNat\Get-NetNatStaticMapping @Stop) {
		$label = '{0} {1}' -f $one.Protocol, $one.ExternalPort
		@{ Kind = 'mapping'; Name = $label; Have = $one; Detail = $one.InternalIPAddress }
	}
	foreach ($one in Get-LabNat) {
		@{ Kind = 'nat'; Name = $one.Name; Have = $one; Detail = $one.InternalIPInterfaceAddressPrefix }
	}
	foreach ($one in Hyper-V\Get-VMSwitch) {
		$ours = Test-LabOwner -Of $one.Notes
		@{ Kind = 'switch'; Name = $one.Name; Have = $one; Detail = $one.SwitchType; Ours = $ours }
	}
}

function Get-LabOrphan {
	if (-not $Run.HyperV) { return }
	$wanted = @{}
	foreach ($one in Get-LabResource) { $wanted[$one.Kind + ' ' + $one.Name] = $true }
	foreach ($one in @(Get-LabLeftGuest) + @(Get-LabLeftNetwork)) {
		$label = $one.Kind + ' ' + $one.Name
		if (-not $one.ContainsKey('Ours')) { $one.Ours = Get-LabRecord -Kind $one.Kind -Name $one.Name }
		if (-not $one.Ours -or $wanted[$label]) { continue }
		if ($one.Kind -ne 'nat' -or -not (Get-LabNatUser -Nat $one.Have)) { $one }
	}
}

# --- findings ---

$Found = New-Object -TypeName 'System.Collections.Generic.List[object]'

function Write-LabFinding {
	param(
		[string]$Kind,
		[string]$Name,
		[ValidateSet('Right', 'Differs', 'Missing', 'Orphan', 'Noted', 'Failed')][string]$State,
		[string]$Property = '',
		[string]$Have = '',
		[string]$Want = '',
		[string]$Detail = '',
		[string[]]$Compared = @()
	)
	$one = [pscustomobject]@{
		kind     = $Kind
		name     = $Name
		state    = $State
		property = $Property
		have     = $Have
		want     = $Want
		detail   = $Detail
		place    = Get-LabPlace -Row $Run.Row -Key $Run.Key
		compared = $Compared
	}
	$Found.Add($one)
	$text = ('{0,-9} {1} {2}  {3}' -f $State, $Kind, $Name, $Detail).TrimEnd()
	if ($State -eq 'Right') { Write-Verbose -Message $text }
	elseif ($State -eq 'Orphan') { Write-LabText -Text $text }
	else { Write-LabText -Text ('{0}; described at {1}' -f $text, $one.place) }
}

function Measure-LabFinding([string[]]$State) {
	@($Found | Where-Object { $State -contains $_.state }).Count
}

# --- comparing ---

function Compare-LabProperty([hashtable]$Item, [hashtable]$It) {
	foreach ($row in $It.Rows) {
		if ([string]$row.Have -eq [string]$row.Want) { continue }
		$have = [string]$row.Have
		$want = [string]$row.Want
		if ($row['Size']) {
			$have = Format-LabSize -Of $row.Have
			$want = Format-LabSize -Of $row.Want
		}
		if ($have -eq '') { $have = 'nothing' }
		if ($Item.Key -eq '') { $Run.Key = $row.What }
		$finding = @{ Kind = $Item.Kind; Name = $Item.Name; Property = $row.What; Have = $have; Want = $want }
		Write-LabFinding @finding -State Differs -Detail ('{0} is {1}, described {2}' -f $row.What, $have, $want)
	}
}

function Compare-LabResource([hashtable]$Item) {
	$result = @{ Kind = $Item.Kind; Name = $Item.Name }
	$It = Get-LabState -Item $Item
	if ($It.Skip) { return }
	if ($null -eq $It.Have) {
		Write-LabFinding @result -State Missing -Detail $It.Detail
		return
	}
	$before = $Found.Count
	Compare-LabProperty -Item $Item -It $It
	if (@($It.Rows | Where-Object { $_['Vital'] }).Count -gt 0) { $Run.Broken += $Item.Guest.Name }
	if ($Found.Count -gt $before) { return }
	$is = 'Right'
	if ($Item.Kind -eq 'start' -and $It.Note -ne '') { $is = 'Noted' }
	$compared = @($It.Rows | ForEach-Object { $_.What })
	Write-LabFinding @result -State $is -Detail $It.Note -Compared $compared
}

function Compare-LabCheckpoint {
	$mark = Get-LabMarkName
	foreach ($guest in $Lab.Guests) {
		$vm = Get-LabGuest -Name $guest.Name
		if ($null -eq $vm) { continue }
		$Run.Row = $guest
		$Run.Key = 'checkpoints'
		foreach ($one in Hyper-V\Get-VMSnapshot -VM $vm) {
			$detail = 'somebody took it on {0}; reset.cmd leaves it alone'
			if ($one.Name -ceq $mark) { $detail = 'marked on {0}; reset.cmd brings the guest back to it' }
			$result = @{ Kind = 'checkpoint'; Name = '{0}/{1}' -f $guest.Name, $one.Name; State = 'Noted' }
			Write-LabFinding @result -Detail ($detail -f (Get-LabMarkTime -Checkpoint $one))
		}
	}
}

function Compare-LabPassword {
	$result = @{ Kind = 'password'; Name = $Lab.Scripts + '\password.dpapi' }
	if (-not (Test-LabFile -Of $result.Name)) { return }
	$name = $Lab.Tag.Replace(':', '-')
	if (@(ScheduledTasks\Get-ScheduledTask @Stop | Where-Object { $_.TaskName -eq $name }).Count -gt 0) {
		Write-LabFinding @result -State Noted -Detail 'kept until the guests are made, which goes on by itself'
		return
	}
	Write-LabFinding @result -State Differs -Detail 'the guests'' password is still kept; setup.cmd removes it'
}

function Compare-LabMachine {
	foreach ($item in Get-LabResource) {
		if ($null -ne $item.Guest -and $Run.Broken -contains $item.Guest.Name) { continue }
		$Run.Row = $Lab
		if ($item.Want -is [hashtable]) { $Run.Row = $item.Want }
		$Run.Key = $item.Key
		try { Compare-LabResource -Item $item }
		catch {
			$detail = Get-LabErrorText -Record $_
			Write-LabFinding -Kind $item.Kind -Name $item.Name -State Failed -Detail $detail
		}
	}
	if ($Run.HyperV) { Compare-LabCheckpoint }
	$Run.Row = $Lab
	$Run.Key = ''
	Compare-LabPassword
	foreach ($one in Get-LabOrphan) {
		$detail = 'left over; setup.cmd -Prune removes it'
		Write-LabFinding -Kind $one.Kind -Name $one.Name -State Orphan -Detail $detail
	}
}

# --- the port mappings ---

function Test-LabPort([string]$Address, [int]$Port) {
	$client = New-Object -TypeName System.Net.Sockets.TcpClient
	try {
		$wait = $client.BeginConnect($Address, $Port, $null, $null)
		$wait.AsyncWaitHandle.WaitOne(4000) -and $client.Connected
	}
	catch {
		Write-Verbose -Message ('{0}:{1}: {2}' -f $Address, $Port, $_.Exception.Message)
		$false
	}
	finally { $client.Close() }
}

function Get-LabGuestReason([string]$Name) {
	$guest = @($Lab.Guests | Where-Object { $_.Name -eq $Name })[0]
	$vm = Get-LabGuest -Name $Name
	if ($null -eq $vm) { return 'the guest {0} is missing' -f $Name }
	if (-not (Test-LabBootable -Of $guest)) { return 'the guest {0} has no operating system' -f $Name }
	if ([string]$vm.State -ne 'Running') { return 'the guest {0} is off' -f $Name }
	''
}

function Get-LabPortReason([hashtable]$Map) {
	$reason = Get-LabGuestReason -Name $Map.Guest
	if ($reason -ne '') { return $reason }
	if ($null -eq $Map.InternalAddress) { return 'the guest {0} has no fixed address' -f $Map.Guest }
	''
}

function Test-LabMapping([hashtable]$Map) {
	$name = '{0} {1}' -f $Map.Protocol, $Map.ExternalPort
	$result = @{ Kind = 'port'; Name = $name }
	$Run.Row = $Map
	$Run.Key = ''
	if ($Map.Protocol -ne 'TCP') {
		Write-LabFinding @result -State Noted -Detail 'not tried: UDP gives no sign; use the program it is for'
		return
	}
	if ($From -ne '') {
		$goal = '{0}:{1}' -f $From, $Map.ExternalPort
		if (Test-LabPort -Address $From -Port $Map.ExternalPort) {
			Write-LabFinding @result -State Right -Detail ('{0} answers at {1}' -f $Map.Guest, $goal)
			return
		}
		$detail = 'no answer at {0}: verify.cmd on that lab VM says whether the mapping or the guest {1} is to blame'
		Write-LabFinding @result -State Differs -Property 'answer' -Detail ($detail -f $goal, $Map.Guest)
		return
	}
	$bad = @($Found | Where-Object { $_.kind -eq 'mapping' -and $_.name -eq $name -and $_.state -ne 'Right' })
	if ($bad.Count -gt 0) { return }
	$reason = Get-LabPortReason -Map $Map
	if ($reason -ne '') {
		Write-LabFinding @result -State Noted -Detail ('not tried: {0}' -f $reason)
		return
	}
	$goal = '{0}:{1}' -f $Map.InternalAddress, $Map.InternalPort
	if (Test-LabPort -Address $Map.InternalAddress -Port $Map.InternalPort) {
		Write-LabFinding @result -State Right -Detail ('{0} answers at {1}' -f $Map.Guest, $goal)
		return
	}
	$detail = 'the guest {0} runs, but nothing answers at {1}: let it finish starting, give it that address, start ' +
	'the service there, or let it through the guest''s firewall'
	Write-LabFinding @result -State Differs -Property 'answer' -Detail ($detail -f $Map.Guest, $goal)
}

# --- inside of guests, through PowerShell Direct: no network is needed ---
# (https://learn.microsoft.com/windows-server/virtualization/hyper-v/powershell-direct)

$Run.Shut = @()

function Get-LabServiceInside($Vm, [string]$Name) {
	$there = @{ VMId = $Vm.Id; Credential = $GuestCredential; ErrorAction = 'Stop' }
	Invoke-Command @there -ArgumentList $Name -ScriptBlock {
		param([string]$Name)
		foreach ($one in Get-Service -ErrorAction SilentlyContinue) {
			if ($one.Name -eq $Name -or $one.DisplayName -eq $Name) { return [string]$one.Status }
		}
		''
	}
}

function Invoke-LabLineInside($Vm, [string]$Line, [int]$Seconds) {
	$there = @{ VMId = $Vm.Id; Credential = $GuestCredential; ErrorAction = 'Stop' }
	Invoke-Command @there -ArgumentList $Line, $Seconds -ScriptBlock {
		param([string]$Line, [int]$Seconds)
		$process = New-Object -TypeName System.Diagnostics.Process
		$process.StartInfo.FileName = $env:ComSpec
		$process.StartInfo.Arguments = '/d /s /c {0}{1}{0}' -f [char]34, $Line
		$process.StartInfo.UseShellExecute = $false
		$process.StartInfo.CreateNoWindow = $true
		$process.StartInfo.RedirectStandardInput = $true
		$process.StartInfo.RedirectStandardOutput = $true
		$process.StartInfo.RedirectStandardError = $true
		$null = $process.Start()
		$process.StandardInput.Close()
		$said = @($process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync())
		$code = $null
		if ($process.WaitForExit(1000 * $Seconds)) { $code = $process.ExitCode }
		else {
			$end = New-Object -TypeName System.Diagnostics.Process
			$end.StartInfo.FileName = $env:SystemRoot + '\System32\taskkill.exe'
			$end.StartInfo.Arguments = '/t /f /pid {0}' -f $process.Id
			$end.StartInfo.UseShellExecute = $false
			$end.StartInfo.CreateNoWindow = $true
			$null = $end.Start()
			$null = $end.WaitForExit(10000)
		}
		$text = ''
		foreach ($one in $said) {
			if ($one.Wait(5000)) { $text += $one.Result }
		}
		@{ Code = $code; Text = $text }
	}
}

function Get-LabInsideReason([hashtable]$Test, [string]$What) {
	if (-not $Test.Direct) {
		return 'the host can look into Windows 10, Windows Server 2016 and later only; sign in and try {0}' -f $What
	}
	$user = $GuestCredential.UserName
	if (-not $user) {
		$account = 'ACCOUNT'
		if ($Test.User) { $account = $Test.User }
		return 'verify.cmd -GuestCredential {0} tries {1} inside of the guest' -f $account, $What
	}
	if ($Test.User -and $user -ne $Test.User -and $user -ne 'Administrator' -and $user -notlike '*\*') {
		return 'the account there is {0}: run verify.cmd -GuestCredential {0}, too' -f $Test.User
	}
	Get-LabGuestReason -Name $Test.Guest
}

function ConvertTo-LabSaid([string]$Text) {
	$line = ($Text -creplace '[\x00-\x20\x7F-\xA0\u2028\u2029]+', ' ').Trim()
	if ($line -eq '') { return 'nothing' }
	if ($line.Length -gt 200) { $line = $line.Substring(0, 200) + '...' }
	$line
}

function Get-LabServiceFault($Vm, [string]$Name) {
	$have = [string](Get-LabServiceInside -Vm $Vm -Name $Name)
	if ($have -eq 'Running') { return '' }
	if ($have -eq '') { return 'there is no service {0}' -f $Name }
	'the service {0} is {1}' -f $Name, (ConvertTo-LabSaid -Text $have)
}

function Get-LabLineFault($Vm, [hashtable]$Test) {
	$limit = 60
	$answer = Invoke-LabLineInside -Vm $Vm -Line $Test.Command -Seconds $limit
	if ($null -eq $answer.Code) { return '{0} did not end in {1} seconds' -f $Test.Command, $limit }
	$text = ([string]$answer.Text).Replace([string][char]13, '')
	$said = ConvertTo-LabSaid -Text $text
	if ($null -eq $Test.Expect) {
		if ($answer.Code -eq 0) { return '' }
		return '{0} ends with {1} and says: {2}' -f $Test.Command, $answer.Code, $said
	}
	if ($text.Contains($Test.Expect)) { return '' }
	'{0} says {1}; described {2}' -f $Test.Command, $said, $Test.Expect
}

function Test-LabInside([hashtable]$Guest, [hashtable]$Test) {
	$result = @{ Kind = 'test'; Name = '{0}: {1}' -f $Guest.Name, $Test.Name }
	$what = $Test.Command
	if ($null -ne $Test.Service) { $what = 'the service {0}' -f $Test.Service }
	$reason = Get-LabInsideReason -Test $Test -What $what
	if ($reason -eq '' -and $Run.Shut -contains $Guest.Name) { $reason = 'the guest did not let us in' }
	if ($reason -ne '') {
		Write-LabFinding @result -State Noted -Detail ('skipped: {0}' -f $reason)
		return
	}
	$vm = Get-LabGuest -Name $Guest.Name
	try {
		if ($null -ne $Test.Service) { $fault = Get-LabServiceFault -Vm $vm -Name $Test.Service }
		else { $fault = Get-LabLineFault -Vm $vm -Test $Test }
	}
	catch {
		$Run.Shut += $Guest.Name
		$detail = 'cannot look into the guest as {0}: {1} Is that an account there, with this password, and is its ' +
		'Windows up?'
		$text = ConvertTo-LabSaid -Text (Get-LabErrorText -Record $_)
		Write-LabFinding @result -State Failed -Detail ($detail -f $GuestCredential.UserName, $text)
		return
	}
	if ($fault -ne '') {
		Write-LabFinding @result -State Differs -Property 'answer' -Detail $fault
		return
	}
	Write-LabFinding @result -State Right -Detail ('{0}: as described' -f $what)
}

# --- the tests of the description ---

function Get-LabStatus([string]$Uri, [int]$Want) {
	$ask = @{ Uri = $Uri; UseBasicParsing = $true; TimeoutSec = 15 }
	if ($Want -ge 300 -and $Want -lt 400) {
		$ask.MaximumRedirection = 0
		$ask.ErrorAction = 'SilentlyContinue'
	}
	try { return [int](Invoke-WebRequest @ask).StatusCode }
	catch {
		Write-Verbose -Message ('{0}: {1}' -f $Uri, $_.Exception.Message)
		if (@($_.Exception.PSObject.Properties | ForEach-Object { $_.Name }) -notcontains 'Response') { return 0 }
		if ($null -eq $_.Exception.Response) { return 0 }
		[int]$_.Exception.Response.StatusCode
	}
}

function Test-LabTest([hashtable]$Guest, [hashtable]$Test) {
	$result = @{ Kind = 'test'; Name = '{0}: {1}' -f $Guest.Name, $Test.Name }
	$Run.Row = $Guest
	$Run.Key = 'tests'
	if ($null -eq $Test.Port) {
		Test-LabInside -Guest $Guest -Test $Test
		return
	}
	$reason = Get-LabPortReason -Map @{ Guest = $Guest.Name; InternalAddress = $Guest.Address }
	if ($reason -ne '') {
		Write-LabFinding @result -State Noted -Detail ('not tried: {0}' -f $reason)
		return
	}
	$goal = '{0}:{1}' -f $Guest.Address, $Test.Port
	if ($null -eq $Test.Path) {
		if (Test-LabPort -Address $Guest.Address -Port $Test.Port) {
			Write-LabFinding @result -State Right -Detail ('{0} answers' -f $goal)
			return
		}
		Write-LabFinding @result -State Differs -Property 'answer' -Detail ('nothing answers at {0}' -f $goal)
		return
	}
	$goal = 'http://{0}{1}' -f $goal, $Test.Path
	$status = Get-LabStatus -Uri $goal -Want $Test.Status
	if ($status -eq $Test.Status) {
		Write-LabFinding @result -State Right -Detail ('{0} answers {1}' -f $goal, $status)
		return
	}
	$detail = '{0} answers {1}, described {2}' -f $goal, $status, $Test.Status
	if ($status -eq 0) { $detail = 'nothing answers at {0}' -f $goal }
	Write-LabFinding @result -State Differs -Property 'answer' -Detail $detail
}

function Test-LabGuest {
	foreach ($guest in $Lab.Guests) {
		foreach ($test in $Lab.Tests.Where({ $_.Guest -eq $guest.Name })) { Test-LabTest -Guest $guest -Test $test }
	}
}

# --- documents ---

function Save-LabText([string]$Path, [string]$Text) {
	Set-Content -LiteralPath $Path -Value $Text -Encoding UTF8 -WhatIf:$false -Confirm:$false
}

function Save-LabJson([string]$Path, [int]$Code) {
	$document = [pscustomobject]@{
		verify   = 1
		lab      = $Lab.Name
		from     = $From
		code     = $Code
		findings = $Found.ToArray()
	}
	Save-LabText -Path $Path -Text (ConvertTo-Json -InputObject $document -Depth 5)
}

function ConvertTo-LabXml([string]$Text) {
	[Security.SecurityElement]::Escape(($Text -creplace '[\x00-\x08\x0B\x0C\x0E-\x1F]', '?'))
}

function Get-LabCase([object]$Finding) {
	$file = $Lab.Files[0]
	$line = ''
	if ($Finding.place -match '^(.+?)(?::([0-9]+))? \(') {
		$file = $Matches[1]
		if ($Matches.ContainsKey(2)) { $line = ' line={0}{1}{0}' -f [char]34, $Matches[2] }
	}
	$name = ('{0} {1}' -f $Finding.name, $Finding.property).TrimEnd()
	$head = @($name, $Finding.kind, $file | ForEach-Object { ConvertTo-LabXml -Text $_ })
	$text = ConvertTo-LabXml -Text $Finding.detail
	$body = ''
	if ('Differs', 'Missing', 'Failed' -contains $Finding.state) {
		$message = ConvertTo-LabXml -Text ('{0}: {1}' -f $Finding.state, $Finding.detail)
		$body = '<failure type={0}error{0} message={0}{1}{0}>{2}</failure>' -f [char]34, $message, $text
	}
	elseif ($Finding.state -eq 'Noted') { $body = '<skipped message={0}{1}{0}/>' -f [char]34, $text }
	$case = '<testcase name={0}{1}{0} classname={0}{2}{0} file={0}{3}{0}{4}>{5}</testcase>'
	$case -f [char]34, $head[0], $head[1], $head[2], $line, $body
}

function Save-LabJUnit([string]$Path) {
	$quote = [char]34
	$name = ConvertTo-LabXml -Text $Lab.Name
	$failures = Measure-LabFinding -State @('Differs', 'Missing', 'Failed')
	$skipped = Measure-LabFinding -State @('Noted')
	$suite = '<testsuite name={0}{1}{0} tests={0}{2}{0} failures={0}{3}{0} errors={0}0{0} skipped={0}{4}{0}>'
	$line = @('<?xml version={0}1.0{0} encoding={0}UTF-8{0}?>' -f $quote)
	$line += '<testsuites name={0}verify{0}>' -f $quote
	if ($Found.Count -gt 0) {
		$line += $suite -f $quote, $name, $Found.Count, $failures, $skipped
		foreach ($one in $Found) { $line += Get-LabCase -Finding $one }
		$line += '</testsuite>'
	}
	$line += '</testsuites>'
	Save-LabText -Path $Path -Text ($line -join [char]10)
}

# --- the run ---

function Write-LabSummary([int]$Code) {
	$count = '{0} right, {1} different, {2} missing, {3} left over, {4} noted, {5} failed.'
	$each = @('Right', 'Differs', 'Missing', 'Orphan', 'Noted', 'Failed' | ForEach-Object {
			Measure-LabFinding -State $_
		})
	Write-LabText -Text ''
	Write-LabText -Text ($count -f $each)
	$next = 'Done: this machine is as described.'
	if ($From -ne '') { $next = 'Done: every mapping answers.' }
	if ($Code -eq 1) { $next = 'Next: mend what is reported as Failed above, then run verify.cmd again.' }
	elseif ($Code -eq 4 -and $From -ne '') { $next = 'Next: run verify.cmd on the lab VM itself.' }
	elseif ($Code -eq 4) {
		$next = 'Next: look into the guests named above.'
		$other = @($Found | Where-Object {
				'Differs', 'Missing' -contains $_.state -and 'port', 'test' -notcontains $_.kind
			})
		if ($other.Count -gt 0) { $next = 'Next: run setup.cmd; it repairs what differs.' }
	}
	Write-LabText -Text $next
}

$code = 1
try {
	if ($From -eq '' -and -not (Test-LabElevation)) {
		Write-Warning -Message 'Only an administrator can look at Hyper-V.'
		Write-LabText -Text 'Nothing was looked at. Next: run verify.cmd, which asks for administrator rights.'
	}
	else {
		if ($From -ne '' -and $GuestCredential.UserName) {
			Write-Warning -Message 'With -From nothing is tried inside of guests: run verify.cmd on the lab VM for that.'
		}
		if ($From -eq '') {
			Initialize-LabWindows
			Compare-LabMachine
		}
		foreach ($map in $Lab.Mappings) { Test-LabMapping -Map $map }
		if ($From -eq '') { Test-LabGuest }
		$Run.Row = $Lab
		$code = 0
		if ((Measure-LabFinding -State @('Differs', 'Missing')) -gt 0) { $code = 4 }
		if ((Measure-LabFinding -State @('Failed')) -gt 0) { $code = 1 }
		Write-LabSummary -Code $code
		if ($Json -ne '') { Save-LabJson -Path $Json -Code $code }
		if ($JUnit -ne '') { Save-LabJUnit -Path $JUnit }
	}
}
catch {
	$code = 1
	Write-Warning -Message (Get-LabErrorText -Record $_)
	Write-LabText -Text 'Next: mend what the warning says, then run verify.cmd again.'
}
exit $code
