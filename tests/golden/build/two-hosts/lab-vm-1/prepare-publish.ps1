#Requires -Version 5.1

<#
.SYNOPSIS
	Makes the template machine of this lab ready to be published, and says what still stands in the way.

.DESCRIPTION
	A published lab is a copy of this machine for every student. The guests are shut down (never saved: a saved state
	does not wake up on another processor), their checkpoints are merged, DVDs are taken out, downloaded images are
	deleted where a guest has its copy, and the guests' disks are compacted. Nothing on a guest's disks is lost.
	Each thing is reported as Unchanged, Done, Planned or Failed. Safe to run again.

	Exit codes: 0 ready to publish; 1 something failed; 2 nothing was changed: no administrator, or Hyper-V does not
	run; 4 something is left that a person has to do before publishing, and is named.

.PARAMETER LogPath
	The log, one JSON object a line. Default: prepare-publish.jsonl in the folder of the lab's scripts. '' writes none.

.EXAMPLE
	powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\prepare-publish.ps1 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
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

# --- what is to be done ---

# how each kind of thing is done; the blocks see $Item
$Fix = @{}

function Get-LabItem([string]$Kind, [string]$Name, [object]$Have, [string]$Detail = '', [bool]$Done = $false) {
	@{ Kind = $Kind; Name = $Name; Have = $Have; Detail = $Detail; Done = $Done }
}

function Get-LabOwnMachine {
	Hyper-V\Get-VM | Where-Object { Test-LabGuestOwner -Vm $_ }
}

function Get-LabGuestItem {
	foreach ($vm in Get-LabOwnMachine) {
		$off = [string]$vm.State -eq 'Off'
		$detail = 'shut down'
		if ([string]$vm.State -eq 'Saved') { $detail = 'woken up and shut down: a saved state must not be published' }
		Get-LabItem -Kind guest -Name $vm.Name -Have $vm -Detail $detail -Done $off
	}
}

$Fix.guest = { Stop-LabMachine -Vm $Item.Have }

function Get-LabCheckpointItem {
	foreach ($vm in Get-LabOwnMachine) {
		foreach ($one in Hyper-V\Get-VMSnapshot -VM $vm) {
			$have = @{ Vm = $vm; Checkpoint = $one }
			Get-LabItem -Kind checkpoint -Name ('{0}/{1}' -f $vm.Name, $one.Name) -Have $have -Detail merged
		}
	}
}

$Fix.checkpoint = { Remove-LabCheckpoint -Vm $Item.Have.Vm -Checkpoint $Item.Have.Checkpoint }

function Get-LabDvdItem {
	foreach ($vm in Get-LabOwnMachine) {
		foreach ($drive in Hyper-V\Get-VMDvdDrive -VM $vm) {
			if ([string]::IsNullOrEmpty($drive.Path)) { continue }
			Get-LabItem -Kind dvd -Name $vm.Name -Have $drive -Detail ('{0} taken out' -f $drive.Path)
		}
	}
}

$Fix.dvd = { Hyper-V\Set-VMDvdDrive -VMDvdDrive $Item.Have -Path $null -Confirm:$false }

function Test-LabParent([string]$Path) {
	foreach ($guest in $Lab.Guests) {
		foreach ($disk in $guest.Disks) {
			if ($disk.Parent -eq $Path) { return $true }
		}
	}
	$false
}

function Get-LabDownloadItem {
	$own = @(Get-LabRecord -Kind image | ForEach-Object { $_.name })
	foreach ($guest in $Lab.Guests) {
		if ($own -notcontains $guest.Name -or -not (Test-LabBootable -Of $guest)) { continue }
		if (-not (Test-LabFile -Of $guest.System.Path)) { continue }
		foreach ($path in Get-LabDownload -Guest $guest) {
			if (Test-LabParent -Path $path) { continue }
			Get-LabItem -Kind image -Name $path -Have $path -Detail 'deleted; the guest has its copy'
		}
	}
}

$Fix.image = { Remove-Item -LiteralPath $Item.Have -Force -Confirm:$false }

function Get-LabCompactName([object]$Vhd) {
	'{0} {1}' -f $Vhd.Path, $Vhd.FileSize
}

function Get-LabDiskItem {
	$known = @(Get-LabRecord -Kind compacted | ForEach-Object { $_.name })
	foreach ($vm in Get-LabOwnMachine) {
		if ([string]$vm.State -eq 'Off' -and -not $WhatIfPreference) { Wait-LabMerge -Vm $vm }
		foreach ($drive in Hyper-V\Get-VMHardDiskDrive -VM $vm) {
			if ([string]::IsNullOrEmpty($drive.Path) -or -not (Test-LabFile -Of $drive.Path)) { continue }
			$vhd = Get-LabVhd -Of $drive.Path
			$done = $known -contains (Get-LabCompactName -Vhd $vhd)
			if ([string]$vhd.VhdType -eq 'Fixed') { continue }
			$detail = 'compacted, {0} before' -f (Format-LabSize -Of $vhd.FileSize)
			Get-LabItem -Kind disk -Name $drive.Path -Have $vm -Detail $detail -Done $done
		}
	}
}

$Fix.disk = {
	if ([string](Hyper-V\Get-VM -Id $Item.Have.Id).State -ne 'Off') { throw 'Its guest is not off.' }
	$path = Get-LabLiteral -Of $Item.Name
	if ((Get-LabVhd -Of $Item.Name).Attached) { Hyper-V\Dismount-VHD -Path $path -Confirm:$false }
	Hyper-V\Mount-VHD -Path $path -ReadOnly -NoDriveLetter -Confirm:$false
	try { Hyper-V\Optimize-VHD -Path $path -Mode Full -Confirm:$false }
	finally { Hyper-V\Dismount-VHD -Path $path -Confirm:$false }
	$vhd = Get-LabVhd -Of $Item.Name
	Add-LabRecord -Kind compacted -Name (Get-LabCompactName -Vhd $vhd)
	$Item.Detail = '{0}, {1} now' -f $Item.Detail, (Format-LabSize -Of $vhd.FileSize)
}

# --- what still stands in the way: one sentence each ---

function Get-LabGuestBlocker([hashtable]$Guest) {
	$vm = Get-LabGuest -Name $Guest.Name
	if ($null -eq $vm) {
		'The guest {0} does not exist: run setup.cmd. ({1})' -f $Guest.Name, (Get-LabPlace -Row $Guest)
		return
	}
	if (-not (Test-LabBootable -Of $Guest)) {
		$place = Get-LabPlace -Row $Guest -Key os
		'The guest {0} has no operating system yet: install it. ({1})' -f $Guest.Name, $place
	}
}

function Get-LabMachineBlocker([object]$Vm) {
	$state = [string]$Vm.State
	if ($state -eq 'Saved') { 'The guest {0} is saved: start it and shut it down.' -f $Vm.Name }
	elseif ($state -ne 'Off') { 'The guest {0} is {1}: shut it down inside.' -f $Vm.Name, $state }
	foreach ($one in Hyper-V\Get-VMSnapshot -VM $Vm) {
		'The guest {0} has the checkpoint {1}.' -f $Vm.Name, $one.Name
	}
	if (-not (Test-LabMerged -Vm $Vm)) { 'Checkpoints of the guest {0} are not merged into its disks.' -f $Vm.Name }
	foreach ($drive in Hyper-V\Get-VMDvdDrive -VM $Vm) {
		if (-not [string]::IsNullOrEmpty($drive.Path)) { 'The guest {0} has the DVD {1}.' -f $Vm.Name, $drive.Path }
	}
}

function Get-LabBlocker {
	foreach ($guest in $Lab.Guests) { Get-LabGuestBlocker -Guest $guest }
	if ($WhatIfPreference) { return }
	foreach ($vm in Get-LabOwnMachine) { Get-LabMachineBlocker -Vm $vm }
	foreach ($name in Get-LabFeatureName) {
		if ((Get-LabFeature -Name $name) -eq 'Installed') { continue }
		'Windows must be restarted: its feature {0} is not ready.' -f $name
	}
}

# --- the run ---

function Invoke-LabItem {
	[CmdletBinding(SupportsShouldProcess = $true)]
	param([hashtable]$Item)
	$result = @{ Kind = $Item.Kind; Name = $Item.Name }
	if ($Item.Done) {
		Write-LabResult @result -State Unchanged
		return
	}
	if (-not $PSCmdlet.ShouldProcess(($Item.Kind + ' ' + $Item.Name), $Item.Detail)) {
		Write-LabResult @result -State Planned -Detail $Item.Detail
		return
	}
	$ConfirmPreference = 'None'
	try {
		$Action = $Fix[$Item.Kind]
		& $Action
		Write-LabResult @result -State Done -Detail $Item.Detail
	}
	catch {
		$detail = Get-LabErrorText -Record $_
		Write-LabResult @result -State Failed -Detail $detail
	}
}

function Write-LabSummary([int]$Code, [string[]]$Blocker) {
	$count = '{0} unchanged, {1} done, {2} planned, {3} failed.'
	$planned = Measure-LabResult -State Planned
	Write-LabText -Text ''
	Write-LabText -Text ($count -f (Measure-LabResult -State Unchanged), (Measure-LabResult -State Done), $planned,
		(Measure-LabResult -State Failed))
	foreach ($text in $Blocker) { Write-LabText -Text ('Blocks publishing: {0}' -f $text) }
	$next = 'Done: this machine is ready. Next: sign out, stop it in Azure Lab Services and publish the lab.'
	if ($Code -eq 1) { $next = 'Next: mend what is reported as Failed above, then run prepare-publish.cmd again.' }
	elseif ($WhatIfPreference) { $next = 'Nothing was changed. Next: run prepare-publish.cmd to do what is planned.' }
	elseif ($Code -eq 4) { $next = 'Next: put right what blocks publishing, then run prepare-publish.cmd again.' }
	Write-LabText -Text $next
}

$code = 1
try {
	if (-not (Test-LabElevation)) {
		Write-LabText -Text 'Nothing was changed. Next: run prepare-publish.cmd, which asks for administrator rights.'
		$code = 2
	}
	else {
		Initialize-LabWindows
		if (-not $Run.HyperV) {
			Write-Warning -Message 'Hyper-V does not run on this machine.'
			Write-LabText -Text 'Nothing was changed. Next: run setup.cmd first.'
			$code = 2
		}
		else {
			$log = $Lab.Scripts + '\prepare-publish.jsonl'
			if ($PSBoundParameters.ContainsKey('LogPath')) { $log = $LogPath }
			Initialize-LabLog -Path $log
			foreach ($one in Get-LabGuestItem) { Invoke-LabItem -Item $one }
			foreach ($one in Get-LabCheckpointItem) { Invoke-LabItem -Item $one }
			foreach ($one in Get-LabDvdItem) { Invoke-LabItem -Item $one }
			foreach ($one in Get-LabDownloadItem) { Invoke-LabItem -Item $one }
			foreach ($one in Get-LabDiskItem) { Invoke-LabItem -Item $one }
			$blocker = @(Get-LabBlocker)
			$code = 0
			if ($blocker.Count -gt 0 -and -not $WhatIfPreference) { $code = 4 }
			if ((Measure-LabResult -State Failed) -gt 0) { $code = 1 }
			Write-LabSummary -Code $code -Blocker $blocker
		}
	}
}
catch {
	$code = 1
	$detail = Get-LabErrorText -Record $_
	Write-LabResult -Kind script -Name $Lab.Name -State Failed -Detail $detail
	Write-LabText -Text 'Next: mend what is reported as Failed above, then run prepare-publish.cmd again.'
}
exit $code
