#Requires -Version 5.1

<#
.SYNOPSIS
	Takes away what setup.ps1 created for this lab, and never anything else.

.DESCRIPTION
	Goes by the tag in the notes of virtual machines and switches, and by the record of what setup.ps1 created. It
	works in reverse order and passes over what is gone already, so it also cleans up after a half-finished setup.
	Each thing is reported as Removed, Planned, Kept or Failed.

	Disks stay unless -DeleteDisks is given, Windows features and shared services unless -RemoveFeatures. Logs stay.

	It asks once before it begins. Unattended it runs only with -Force.

	Exit codes: 0 done; 1 something could not be removed; 2 nothing was changed: no administrator, or the answer was
	no; 3010 Windows must be restarted to finish.

.PARAMETER DeleteDisks
	Delete the guests' disks and the downloaded images, too: those setup.ps1 made, in the folder of the lab's data.

.PARAMETER RemoveFeatures
	Remove the Windows features setup.ps1 installed, and set the service WinNat back. Not while others use Hyper-V.

.PARAMETER Force
	Do not ask.

.PARAMETER LogPath
	The log, one JSON object a line. Default: remove.jsonl in the folder of the lab's scripts. '' writes none.

.EXAMPLE
	powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\remove.ps1 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
	[Parameter()]
	[switch]$DeleteDisks,

	[Parameter()]
	[switch]$RemoveFeatures,

	[Parameter()]
	[switch]$Force,

	[Parameter()]
	[AllowEmptyString()]
	[string]$LogPath
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

# --- what there is to remove ---

# how each kind of thing is removed; the blocks see $Item
$Fix = @{}

function Get-LabItem([string]$Kind, [string]$Name, [object]$Have, [string]$Keep = '') {
	@{ Kind = $Kind; Name = $Name; Have = $Have; Keep = $Keep }
}

function Get-LabCreated([string]$Kind) {
	Get-LabRecord -Kind $Kind | ForEach-Object { $_.name }
}

function Test-LabInside([string]$Path) {
	$Path.StartsWith($Lab.Data + '\', [StringComparison]::OrdinalIgnoreCase) -and -not $Path.Contains('..')
}

function Get-LabOwnMachine {
	if (-not $Run.HyperV) { return }
	Hyper-V\Get-VM | Where-Object { Test-LabGuestOwner -Vm $_ }
}

function Get-LabForeignMachine {
	if (-not $Run.HyperV) { return }
	Hyper-V\Get-VM | Where-Object { -not (Test-LabGuestOwner -Vm $_) }
}

function Get-LabGuestItem {
	$found = @(Get-LabOwnMachine)
	[array]::Reverse($found)
	foreach ($vm in $found) { Get-LabItem -Kind guest -Name $vm.Name -Have $vm }
}

$Fix.guest = {
	$vm = $Item.Have
	Stop-LabMachine -Vm $vm -TurnOff
	foreach ($one in Hyper-V\Get-VMSnapshot -VM $vm) { Remove-LabCheckpoint -Vm $vm -Checkpoint $one }
	Wait-LabMerge -Vm $vm
	Hyper-V\Remove-VM -VM $vm -Force -Confirm:$false
}

function Get-LabDiskUser([string]$Path) {
	foreach ($vm in Get-LabForeignMachine) {
		if (Test-LabAttached -Vm $vm -Path $Path) { return $vm.Name }
	}
}

function Get-LabDiskItem {
	$file = @(Get-LabCreated -Kind disk | ForEach-Object { $_, ($_ -replace '(\.[^.\\]+)$', '.partial$1') })
	foreach ($path in $file) {
		if (-not (Test-LabFile -Of $path) -or -not (Test-LabInside -Path $path)) { continue }
		$keep = ''
		if (-not $DeleteDisks) { $keep = 'disks stay; -DeleteDisks deletes them' }
		else {
			$user = Get-LabDiskUser -Path $path
			if ($null -ne $user) { $keep = 'the virtual machine {0} uses it' -f $user }
		}
		Get-LabItem -Kind disk -Name $path -Have $path -Keep $keep
	}
	foreach ($name in Get-LabCreated -Kind seed) {
		$path = '{0}\disks\{1}.seed.vhdx' -f $Lab.Data, $name
		foreach ($one in @($path, ($path -replace '\.vhdx$', '.partial.vhdx'))) {
			if (Test-LabFile -Of $one) { Get-LabItem -Kind disk -Name $one -Have $one }
		}
	}
	foreach ($name in Get-LabCreated -Kind image) {
		$guest = @($Lab.Guests | Where-Object { $_.Name -eq $name -and $null -ne $_.Url })
		if ($guest.Count -eq 0) { continue }
		$keep = ''
		if (-not $DeleteDisks) { $keep = 'downloads stay; -DeleteDisks deletes them' }
		foreach ($path in Get-LabDownload -Guest $guest[0]) {
			Get-LabItem -Kind image -Name $path -Have $path -Keep $keep
		}
	}
	if (@($Lab.Guests | Where-Object { $null -ne $_.Url }).Count -eq 0) { return }
	foreach ($job in BitsTransfer\Get-BitsTransfer | Where-Object { $_.DisplayName.StartsWith($Lab.Tag + ' ') }) {
		Get-LabItem -Kind download -Name $job.DisplayName.Substring($Lab.Tag.Length + 1) -Have $job
	}
}

$Fix.download = { BitsTransfer\Remove-BitsTransfer -BitsJob $Item.Have -Confirm:$false }

$Fix.disk = {
	if ($Run.HyperV -and (Get-LabVhd -Of $Item.Have).Attached) {
		Hyper-V\Dismount-VHD -Path (Get-LabLiteral -Of $Item.Have) -Confirm:$false
	}
	Remove-Item -LiteralPath $Item.Have -Force -Confirm:$false
}
$Fix.image = { Remove-Item -LiteralPath $Item.Have -Force -Confirm:$false }

function Get-LabNatMapping([string]$NatName) {
	if (-not $Run.HyperV) { return }
	NetNat\Get-NetNatStaticMapping @Stop | Where-Object { $_.NatName -eq $NatName }
}

function Get-LabMappingName([object]$Map) {
	'{0} {1}' -f $Map.Protocol, $Map.ExternalPort
}

function Get-LabMappingItem {
	$own = @(Get-LabCreated -Kind mapping)
	foreach ($net in @($Lab.Networks | Where-Object { $null -ne $_.Nat })) {
		foreach ($one in Get-LabNatMapping -NatName $net.Nat) {
			$name = Get-LabMappingName -Map $one
			if ($own -contains $name) { Get-LabItem -Kind mapping -Name $name -Have $one }
		}
	}
}

$Fix.mapping = { NetNat\Remove-NetNatStaticMapping -InputObject $Item.Have -Confirm:$false @Stop }

function Get-LabNatKeep([object]$Nat) {
	$own = @(Get-LabCreated -Kind mapping)
	$other = @(Get-LabNatMapping -NatName $Nat.Name | Where-Object {
			$own -notcontains (Get-LabMappingName -Map $_)
		})
	if ($other.Count -gt 0) { return 'others have {0} port mapping(s) in it' -f $other.Count }
	$index = @(Get-LabSwitchItem | Where-Object { $_.Keep -eq '' } | ForEach-Object {
			$nic = Get-LabHostAdapter -On $_.Name
			if ($null -ne $nic) { [int]$nic.InterfaceIndex }
		})
	foreach ($address in NetTCPIP\Get-NetIPAddress @Stop) {
		if ($address.AddressFamily -ne 'IPv4') { continue }
		if ($index -contains [int]$address.InterfaceIndex) { continue }
		if (Test-LabOverlap -One $Nat.InternalIPInterfaceAddressPrefix -Two ($address.IPAddress + '/32')) {
			return 'the adapter {0} needs it' -f $address.InterfaceAlias
		}
	}
	''
}

function Get-LabNatItem {
	$own = @(Get-LabCreated -Kind nat)
	foreach ($one in Get-LabNat | Where-Object { $own -contains $_.Name }) {
		Get-LabItem -Kind nat -Name $one.Name -Have $one -Keep (Get-LabNatKeep -Nat $one)
	}
}

$Fix.nat = { NetNat\Remove-NetNat -InputObject $Item.Have -Confirm:$false @Stop }

function Get-LabFirewallItem {
	foreach ($one in NetSecurity\Get-NetFirewallRule @Stop) {
		if ($one.Group -ceq $Lab.Tag) { Get-LabItem -Kind firewall -Name $one.Name -Have $one }
	}
}

$Fix.firewall = { NetSecurity\Remove-NetFirewallRule -InputObject $Item.Have -Confirm:$false @Stop }

function Get-LabScopeItem {
	if (-not $Run.Server -or (Get-LabFeature -Name DHCP) -ne 'Installed') { return }
	foreach ($one in DhcpServer\Get-DhcpServerv4Scope @Stop) {
		if ($one.Description -ceq $Lab.Tag) { Get-LabItem -Kind scope -Name ([string]$one.ScopeId) -Have $one }
	}
}

$Fix.scope = {
	DhcpServer\Remove-DhcpServerv4Scope -ScopeId $Item.Have.ScopeId -Force -Confirm:$false @Stop
}

function Get-LabSwitchItem {
	if (-not $Run.HyperV) { return }
	$found = @(Hyper-V\Get-VMSwitch | Where-Object { Test-LabOwner -Of $_.Notes })
	[array]::Reverse($found)
	foreach ($one in $found) {
		$keep = ''
		foreach ($vm in Get-LabForeignMachine) {
			$nic = @(Hyper-V\Get-VMNetworkAdapter -VM $vm | Where-Object { $_.SwitchName -eq $one.Name })
			if ($nic.Count -gt 0) { $keep = 'the virtual machine {0} is connected to it' -f $vm.Name }
		}
		Get-LabItem -Kind switch -Name $one.Name -Have $one -Keep $keep
	}
}

$Fix.switch = { Hyper-V\Remove-VMSwitch -VMSwitch $Item.Have -Force -Confirm:$false }

function Get-LabSharedItem([string]$Kind, [string]$Name) {
	$keep = ''
	if (Test-LabShared -Kind $Kind -Name $Name) { $keep = 'another lab of this machine needs it' }
	$made = Get-LabItem -Kind $Kind -Name $Name -Have $Name -Keep $keep
	$made.Release = $true
	$made
}

function Get-LabMemberItem {
	foreach ($name in Get-LabCreated -Kind member) {
		$account = @(Get-LocalUser | Where-Object { $_.Name -eq $name })
		if ($account.Count -ne 1 -or -not $Run.HyperV) { continue }
		$have = @(Get-LocalGroupMember -SID S-1-5-32-578 | Where-Object {
				[string]$_.SID -eq [string]$account[0].SID
			})
		if ($have.Count -gt 0) { Get-LabSharedItem -Kind member -Name $name }
	}
}

$Fix.member = { Remove-LocalGroupMember -SID S-1-5-32-578 -Member $Item.Have -Confirm:$false }

function Get-LabShortcutItem {
	foreach ($path in Get-LabCreated -Kind shortcut) {
		if (Test-LabFile -Of $path) { Get-LabSharedItem -Kind shortcut -Name $path }
	}
}

$Fix.shortcut = { Remove-Item -LiteralPath $Item.Have -Force -Confirm:$false }

function Get-LabScriptItem {
	$own = @(Get-LabCreated -Kind task)
	foreach ($task in ScheduledTasks\Get-ScheduledTask @Stop) {
		if ($own -notcontains $task.TaskName -or $task.Description -cne $Lab.Tag) { continue }
		Get-LabItem -Kind task -Name $task.TaskName -Have $task
	}
	$path = $Lab.Scripts + '\password.dpapi'
	if (Test-LabFile -Of $path) { Get-LabItem -Kind script -Name $path -Have $path }
	foreach ($path in Get-LabCreated -Kind script) {
		$inside = $path.StartsWith($Lab.Scripts + '\', [StringComparison]::OrdinalIgnoreCase)
		if ($inside -and (Test-LabFile -Of $path)) { Get-LabItem -Kind script -Name $path -Have $path }
	}
}

$Fix.task = { ScheduledTasks\Unregister-ScheduledTask -InputObject $Item.Have -Confirm:$false @Stop }
$Fix.script = { Remove-Item -LiteralPath $Item.Have -Force -Confirm:$false }

function Get-LabHyperVUser {
	foreach ($vm in Get-LabForeignMachine) { return 'the virtual machine {0} needs it' -f $vm.Name }
	if (-not $Run.HyperV) { return '' }
	foreach ($one in Hyper-V\Get-VMSwitch) {
		$default = [string]$one.Id -eq 'c08cb7b8-9b3c-408e-8e30-5e16a3aeb444'
		if ($default -or (Test-LabOwner -Of $one.Notes)) { continue }
		return 'the switch {0} needs it' -f $one.Name
	}
	''
}

function Get-LabFeatureItem {
	$own = @(Get-LabCreated -Kind feature)
	$keep = 'Windows features stay; -RemoveFeatures removes them'
	if ($RemoveFeatures) { $keep = Get-LabHyperVUser }
	$service = @(Get-Service -Name WinNat -ErrorAction SilentlyContinue)
	if ($own.Count -gt 0 -and $service.Count -eq 1 -and [string]$service[0].StartType -eq 'Automatic') {
		Get-LabItem -Kind service -Name WinNat -Have $service[0] -Keep $keep
	}
	$name = @(@(Get-LabFeatureName) + 'DHCP' | Where-Object { $own -contains $_ })
	[array]::Reverse($name)
	foreach ($one in $name) {
		if ('Installed', 'InstallPending' -notcontains (Get-LabFeature -Name $one)) { continue }
		$why = $keep
		if ($one -eq 'DHCP' -and $RemoveFeatures) {
			$why = ''
			$other = @(DhcpServer\Get-DhcpServerv4Scope @Stop | Where-Object { $_.Description -cne $Lab.Tag })
			if ($other.Count -gt 0) { $why = 'others have {0} scope(s) in it' -f $other.Count }
		}
		Get-LabItem -Kind feature -Name $one -Have $one -Keep $why
	}
}

$Fix.service = { Set-Service -Name $Item.Name -StartupType Manual -Confirm:$false }

$Fix.feature = {
	if ($Run.Server) {
		$null = ServerManager\Uninstall-WindowsFeature -Name $Item.Name -IncludeManagementTools -Confirm:$false
	}
	else { $null = Dism\Disable-WindowsOptionalFeature -Online -FeatureName $Item.Name -NoRestart }
	$Run.Restart = $true
}

function Get-LabFolderItem {
	$archive = @($Lab.Guests | Where-Object { $null -ne $_.Url } | ForEach-Object { $_.Image + '.unpacked' })
	$own = @(Get-LabCreated -Kind folder) + $archive
	$data = @('\machines', '\images', '\disks', '' | ForEach-Object { $Lab.Data + $_ })
	foreach ($path in $archive + $data) {
		if ($own -notcontains $path -or -not (Test-LabFolder -Of $path)) { continue }
		$keep = ''
		$file = @(Get-ChildItem -LiteralPath $path -Recurse -File)
		if ($file.Count -gt 0) { $keep = '{0} file(s) are in it' -f $file.Count }
		Get-LabItem -Kind folder -Name $path -Have $path -Keep $keep
	}
}

$Fix.folder = { Remove-Item -LiteralPath $Item.Have -Recurse -Force -Confirm:$false }

# --- the run ---

function Remove-LabItem {
	[CmdletBinding(SupportsShouldProcess = $true)]
	param([hashtable]$Item)
	$result = @{ Kind = $Item.Kind; Name = $Item.Name }
	if ($Item.Keep -ne '') {
		if ($Item['Release'] -and -not $WhatIfPreference) { Add-LabRecord @result -Gone }
		Write-LabResult @result -State Kept -Detail $Item.Keep
		return
	}
	if (-not $PSCmdlet.ShouldProcess(($Item.Kind + ' ' + $Item.Name), 'Remove')) {
		Write-LabResult @result -State Planned
		return
	}
	$ConfirmPreference = 'None'
	try {
		$Action = $Fix[$Item.Kind]
		& $Action
		Add-LabRecord @result -Gone
		Write-LabResult @result -State Removed
	}
	catch {
		$detail = Get-LabErrorText -Record $_
		Write-LabResult @result -State Failed -Detail $detail
	}
}

function Remove-LabResource {
	[CmdletBinding(SupportsShouldProcess = $true)]
	param()
	if (-not $PSCmdlet.ShouldProcess($Lab.Name, 'Remove the lab') -and -not $WhatIfPreference) { return }
	foreach ($one in Get-LabScriptItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabShortcutItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabMemberItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabGuestItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabDiskItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabMappingItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabNatItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabFirewallItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabScopeItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabSwitchItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabFeatureItem) { Remove-LabItem -Item $one }
	foreach ($one in Get-LabFolderItem) { Remove-LabItem -Item $one }
}

function Write-LabSummary([int]$Code) {
	$count = '{0} removed, {1} planned, {2} kept, {3} failed.'
	$kept = Measure-LabResult -State Kept
	$planned = Measure-LabResult -State Planned
	Write-LabText -Text ''
	Write-LabText -Text ($count -f (Measure-LabResult -State Removed), $planned, $kept,
		(Measure-LabResult -State Failed))
	if ($Code -eq 1) {
		Write-LabText -Text 'Next: mend what is reported as Failed above, then run remove.cmd again.'
		return
	}
	if ($WhatIfPreference) {
		if ($planned -eq 0) { Write-LabText -Text 'Next: nothing; there is nothing to remove.' }
		else { Write-LabText -Text 'Nothing was changed. Next: run remove.cmd to remove what is planned.' }
		return
	}
	$disk = @($Run.Results | Where-Object { $_.state -eq 'Kept' -and $_.kind -eq 'disk' }).Count
	$next = 'Done: nothing of the lab is left but its logs in {0}.' -f $Lab.Scripts
	if ($disk -gt 0) {
		$next = 'Done: the lab is gone, {0} disk(s) stay. Next: keep them, or run remove.cmd -DeleteDisks.' -f $disk
	}
	elseif ($kept -gt 0) { $next = 'Done: the lab is gone; what stays is named under Kept above, with the reason.' }
	if ($Code -eq 3010) { $next = $next + ' Next: restart Windows, which finishes the removal of its features.' }
	Write-LabText -Text $next
}

function Confirm-LabRemoval {
	[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
	param()
	$guest = @(Get-LabOwnMachine | ForEach-Object { $_.Name }) -join ', '
	if ($guest -eq '') { $guest = 'none left' }
	$disks = 'disks stay'
	if ($DeleteDisks) { $disks = 'DISKS ARE DELETED' }
	try { $PSCmdlet.ShouldProcess(('lab {0} (guests: {1}; {2})' -f $Lab.Name, $guest, $disks), 'Remove') }
	catch {
		Write-Warning -Message ('Nobody could be asked: {0}' -f $_.Exception.Message)
		$false
	}
}

$code = 1
try {
	$Run.Restart = $false
	if ($Force -and -not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = 'None' }
	if (-not (Test-LabElevation)) {
		Write-Warning -Message 'This script must run as administrator: start remove.cmd, or an elevated PowerShell.'
		Write-LabText -Text 'Nothing was changed. Next: run remove.cmd as administrator.'
		$code = 2
	}
	else {
		Initialize-LabWindows
		$go = Confirm-LabRemoval
		if (-not $go -and -not $WhatIfPreference) {
			Write-LabText -Text 'Nothing was removed. Next: run remove.cmd again and answer yes, or give -Force.'
			$code = 2
		}
		else {
			$log = $Lab.Scripts + '\remove.jsonl'
			if ($PSBoundParameters.ContainsKey('LogPath')) { $log = $LogPath }
			Initialize-LabLog -Path $log
			Remove-LabResource
			$code = [int]((Measure-LabResult -State Failed) -gt 0)
			if ($code -eq 0 -and $Run.Restart) { $code = 3010 }
			Write-LabSummary -Code $code
		}
	}
}
catch {
	$code = 1
	$detail = Get-LabErrorText -Record $_
	Write-LabResult -Kind script -Name $Lab.Name -State Failed -Detail $detail
	Write-LabText -Text 'Next: mend what is reported as Failed above, then run remove.cmd again.'
}
exit $code
