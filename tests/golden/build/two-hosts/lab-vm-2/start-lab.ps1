#Requires -Version 5.1

<#
.SYNOPSIS
	Starts the guests of this lab, one after the other in their order, and waits until they answer.

.DESCRIPTION
	For members of Hyper-V Administrators; it need not run as administrator. Guests on demand are left alone, and so is
	everything else. Each guest is reported as Unchanged (it ran, it answers), Repaired (it was started, it was waited
	for), Planned or Failed. Safe to run again.

	Exit codes: 0 every guest is up; 1 something failed; 2 nothing was done: Hyper-V does not answer.

.EXAMPLE
	powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\start-lab.ps1
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param()

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

# --- guests at rest: shutting down, merging checkpoints, downloads ---

function Stop-LabMachine {
	[CmdletBinding(SupportsShouldProcess)]
	param([object]$Vm, [switch]$TurnOff)
	if ([string]$Vm.State -eq 'Off' -or -not $PSCmdlet.ShouldProcess($Vm.Name, 'Shut down guest')) { return }
	if ([string]$Vm.State -eq 'Saved') {
		if ($TurnOff) {
			Hyper-V\Remove-VMSavedState -VM $Vm -Confirm:$false
			return
		}
		Hyper-V\Start-VM -VM $Vm -Confirm:$false
	}
	if ([string]$Vm.State -eq 'Paused') { Hyper-V\Resume-VM -VM $Vm -Confirm:$false }
	try {
		Hyper-V\Stop-VM -VM $Vm -Force -Confirm:$false
	}
	catch {
		if (-not $TurnOff) { throw }
		Write-Verbose -Message ('{0} did not shut down: {1}' -f $Vm.Name, $_.Exception.Message)
	}
	$now = Hyper-V\Get-VM -Id $Vm.Id
	if ($TurnOff -and [string]$now.State -ne 'Off') { Hyper-V\Stop-VM -VM $now -TurnOff -Force -Confirm:$false }
	if ([string](Hyper-V\Get-VM -Id $Vm.Id).State -ne 'Off') {
		throw 'The guest did not shut down; shut it down inside, then run again.'
	}
}

function Test-LabMerged([object]$Vm) {
	@(Hyper-V\Get-VMHardDiskDrive -VM $Vm | Where-Object { $_.Path -match '\.avhdx?$' }).Count -eq 0
}

function Wait-LabMerge([object]$Vm) {
	$merged = Wait-LabCondition -Seconds 3600 -Question { Test-LabMerged -Vm $Vm }
	if (-not $merged) {
		throw 'Merging checkpoints takes more than an hour; run again when Hyper-V Manager shows it done.'
	}
}

function Remove-LabCheckpoint {
	[CmdletBinding(SupportsShouldProcess)]
	param([object]$Vm, [object]$Checkpoint)
	if (-not $PSCmdlet.ShouldProcess($Checkpoint.Name, 'Merge checkpoint')) { return }
	Hyper-V\Remove-VMSnapshot -VMSnapshot $Checkpoint -Confirm:$false
	if (@(Hyper-V\Get-VMSnapshot -VM $Vm).Count -eq 0) { Wait-LabMerge -Vm $Vm }
}

function Get-LabDownload([hashtable]$Guest) {
	if (-not $Guest.Url) { return }
	$folder = $Guest.Image.Substring(0, $Guest.Image.LastIndexOf('\'))
	if (-not (Test-LabFolder -Of $folder)) { return }
	foreach ($file in Get-ChildItem -LiteralPath $folder -Recurse -File) {
		$rest = ''
		if ($file.FullName.StartsWith($Guest.Image + '.', [StringComparison]::OrdinalIgnoreCase)) {
			$rest = $file.FullName.Substring($Guest.Image.Length)
		}
		if ($rest -match '^(\.partial)?\.(vhdx|vhd|iso|zip)$' -or $rest -match '^\.unpacked\\') { $file.FullName }
	}
}

# how each kind of resource is read and repaired; the blocks see $It and, for short, $Want, $Guest and $Vm
$Read = @{}
$Fix = @{}

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

function Stop-LabGuest {
	[CmdletBinding(SupportsShouldProcess)]
	param($Vm)
	if ($Vm.State -eq 'Off' -or -not $PSCmdlet.ShouldProcess($Vm.Name, 'Shut down guest')) { return }
	if ($Vm.State -ne 'Running') {
		throw 'The guest is {0}: start it, shut it down, then run again.' -f $Vm.State
	}
	Hyper-V\Stop-VM -VM $Vm -Force -Confirm:$false
	if ('Off' -ne (Get-LabGuest -Name $Vm.Name).State) {
		throw 'The guest did not shut down; shut it down inside, then run again.'
	}
}

function Get-LabGap($It) {
	$gap = @(@{ Off = $It.OffToCreate; Text = $It.Detail })
	if ($It.Have) { $gap = $It.Rows.Where({ [string]$_.Have -ne [string]$_.Want }) }
	foreach ($row in $gap) {
		if ($It.Have) {
			$from, $to = $row.Have, $row.Want
			if ($row['Size']) { $from, $to = (Format-LabSize -Of $from), (Format-LabSize -Of $to) }
			$row.Text = '{0} {1} -> {2}' -f $row.What, $from, $to
		}
		$off = -not $It.Vm -or $It.Vm.State -eq 'Off' -or $Run.AllowStop
		if ($row['Off'] -and -not $off -and -not $row['Hold']) { $row.Hold = 'needs -AllowStop' }
		$row
	}
}

function Sync-LabResource {
	[CmdletBinding(SupportsShouldProcess)]
	param($Item)
	$result = @{ Kind = $Item.Kind; Name = $Item.Name }
	$It = Get-LabState -Item $Item
	if ($It.Skip) { return }
	$all = @(Get-LabGap -It $It)
	if ($all.Count -eq 0) {
		Write-LabResult @result -State Unchanged -Detail $It.Note
		return
	}
	$done = 'Repaired'
	if (-not $It.Have) { $done = 'Created' }
	$detail = $all.ForEach({ $_.Text }) -join '; '
	$Gap = $all.Where({ -not $_['Hold'] })
	if ($Gap.Count -lt $all.Count) {
		$detail = '{0}: {1}' -f $all.Where({ $_['Hold'] })[0].Hold, $detail
		$done = 'Planned'
	}
	$target = $Item.Kind + ' ' + $Item.Name
	if ($Gap.Count -and -not $PSCmdlet.ShouldProcess($target, $done + ': ' + $detail)) {
		$done = 'Planned'
		$Gap = @()
	}
	if ($done -eq 'Planned' -and $all.Where({ $_['Vital'] }).Count) { $Run.Broken += $Item.Guest.Name }
	if ($Item.Key -eq '' -and $Gap.Count) { $Run.Key = [string]$Gap[0]['What'] }
	for ($round = 0; $round -lt 2 -and $Gap.Count; $round++) {
		$ConfirmPreference = 'None'
		if ($It.Vm -and $Gap.Where({ $_['Off'] }).Count) { Stop-LabGuest -Vm $It.Vm }
		if (-not $It.Have) { Add-LabRecord @result }
		$Want, $Guest, $Vm = $It.Want, $It.Guest, $It.Vm
		$Action = $Fix[$Item.Kind]
		if ($Item.Kind -eq 'guest') { $Run.Machine = $null }
		& $Action
		$It = Get-LabState -Item $Item
		$Gap = @(Get-LabGap -It $It).Where({ -not $_['Hold'] })
	}
	if ($Gap.Count) {
		$Run.Key = [string]$Gap[0]['What']
		throw 'It still differs after the repair: {0}' -f $Gap[0].Text
	}
	Write-LabResult @result -State $done -Detail $detail
}

function Invoke-LabPlan($Item) {
	$turn = 0
	foreach ($one in $Item) {
		$turn++
		if ($one.Guest -and $Run.Broken -contains $one.Guest.Name) { continue }
		$percent = [int](100 * $turn / $Item.Count)
		$status = $one.Kind + ' ' + $one.Name
		Write-Progress -Id 1 -Activity 'Setting up the lab' -Status $status -PercentComplete $percent
		$Run.Row = $Lab
		if ($one.Want -is [hashtable]) { $Run.Row = $one.Want }
		$Run.Key = $one.Key
		try { Sync-LabResource -Item $one }
		catch {
			Write-LabResult -Kind $one.Kind -Name $one.Name -State Failed -Detail (Get-LabErrorText -Record $_)
			if ($one.Vital) { break }
			if ($one.Guest) { $Run.Broken += $one.Guest.Name }
		}
	}
	$Run.Row = $Lab
	$Run.Key = ''
}

$Fix.start = {
	if (-not $Vm) { throw 'The guest does not exist.' }
	Hyper-V\Start-VM -VM $Vm
}

$Fix.alive = {
	$limit = 600
	if ($Want.Configure -eq 'unattend') { $limit = 1800 }
	Write-LabText -Text ('{0}: waiting, at most {1} minutes' -f $It.Name, ($limit / 60))
	$up = Wait-LabCondition -Seconds $limit -Question {
		$It.Note = Get-LabLife -Guest $Want -Vm (Get-LabGuest -Name $Want.Name)
		$It.Note -eq 'up'
	}
	if ($up) { return }
	throw '{0}; look at it in Hyper-V Manager. Inside it has the address of its first boot.' -f $It.Note
}

function Clear-LabDrive($Vm, $Path) {
	foreach ($drive in @(Hyper-V\Get-VMHardDiskDrive -VM $Vm).Where({ $_.Path -eq $Path })) {
		Hyper-V\Remove-VMHardDiskDrive -VMHardDiskDrive $drive
	}
}

$Fix.unseed = {
	Clear-LabDrive -Vm $Vm -Path $Want.SeedPath
	Remove-Item -LiteralPath $Want.SeedPath -Force
}

function Get-LabStartItem {
	foreach ($kind in 'start', 'alive') {
		foreach ($guest in $Lab.Guests) {
			$wanted = $kind -eq 'start' -or $guest.Ports.Count -gt 0 -or $guest.Configure -ne 'manual'
			if (-not $wanted -or $guest.OnDemand) { continue }
			Get-LabItem -Phase Start -Kind $kind -Name $guest.Name -Want $guest -Guest $guest
		}
	}
}

$code = 1
try {
	$Run.HyperV = $null -ne (Get-Command -Name 'Hyper-V\Get-VM' -ErrorAction SilentlyContinue) -and
		@(Get-Service | Where-Object { $_.Name -eq 'vmms' -and [string]$_.Status -eq 'Running' }).Count -gt 0
	if (-not $Run.HyperV) {
		Write-Warning -Message 'Hyper-V does not run on this machine.'
		Write-LabText -Text 'Nothing was done. Next: run setup.cmd as administrator.'
		$code = 2
	}
	else {
		Invoke-LabPlan -Item @(Get-LabStartItem)
		$failed = Measure-LabResult -State Failed
		$code = [int]($failed -gt 0)
		Write-LabText -Text ''
		if ($WhatIfPreference) { Write-LabText -Text 'Nothing was changed.' }
		elseif ($failed -gt 0) { Write-LabText -Text 'Next: look at the guests marked Failed in Hyper-V Manager.' }
		else { Write-LabText -Text 'Done: the lab runs. Next: connect to its guests.' }
	}
}
catch {
	$code = 1
	Write-LabResult -Kind script -Name $Lab.Name -State Failed -Detail $_.Exception.Message
	Write-LabText -Text 'Next: mend what is reported as Failed above, then run this script again.'
}
finally {
	Write-Progress -Id 1 -Activity 'Setting up the lab' -Completed
}
exit $code
