#Requires -Version 5.1

<#
.SYNOPSIS
	Builds or repairs the lab described by the table below. Safe to run again.

.DESCRIPTION
	Reports every resource as Unchanged, Created, Repaired, Planned, Orphan or Failed. Never deletes a disk or touches
	what it did not create. Exit codes: 0 done; 1 something failed; 2 this machine cannot hold the lab as it is, nothing
	was changed; 3010 restart Windows, then run this script again.

.PARAMETER LogPath
	The log, setup.jsonl beside the lab's scripts if not given; '' writes none.

.PARAMETER ImageDir
	A folder where images are looked for first, under the names of their files.

.PARAMETER GuestPassword
	For the accounts in new guests; asked for when it is needed.

.PARAMETER AllowStop
	Shut a running guest down where a repair needs it to be off.

.PARAMETER Adopt
	Take over what has the right name and this lab did not create.

.PARAMETER Prune
	Remove what is reported as Orphan: this lab's, but no longer described. Disks stay.

.PARAMETER Recreate
	Guests that are made anew: disks from a changed image, machines of another generation. Old disks are set aside.

.PARAMETER Phase
	Do only this part: Windows, Network, Guests, Access, Start.

.PARAMETER Resumed
	For the start-up task of labs with resume: task.

.EXAMPLE
	.\setup.cmd -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
	[AllowEmptyString()]
	[string]$LogPath,
	[string]$ImageDir,
	[securestring]$GuestPassword,
	[switch]$AllowStop,
	[switch]$Adopt,
	[switch]$Prune,
	[string[]]$Recreate,
	[ValidateSet('Windows', 'Network', 'Guests', 'Access', 'Start')]
	[string[]]$Phase,
	[switch]$Resumed
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Cmdlets that are functions do not see a script's preferences: every call has $Stop, or $Sure to change something.
$Stop = @{ ErrorAction = 'Stop' }
$Sure = @{ ErrorAction = 'Stop'; Confirm = $false }

# How each kind of resource is read ($Read) and made or repaired ($Fix). The blocks see $It and, for short, $Want
# (its data), $Guest and $Vm (its guest); those of $Fix see $Gap (what to close) as well. $Hook: of parts.
$Read = @{}
$Fix = @{}
$Hook = @{}

function Invoke-LabHook($Name) {
	$Action = $Hook[$Name]
	if ($Action) { & $Action }
}

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

	Shared = @('processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">', '<Interfaces><Interface wcm:action="add"><Identifier>')

	Seeds = @(
		@{ Path = 'meta-data'; Text = @(, @('{"instance-id":"labc-cross-lab-access-', 1, '","local-hostname":"', 1, '"}')) }
		@{ Path = 'user-data'; Text = @('#cloud-config', @('{"timezone":"UTC","manage_etc_hosts":"localhost","bootcmd":["if [ -f /etc/locale.gen ]; then echo en_US.UTF-8 UTF-8 >> /etc/locale.gen; fi"],"locale":"en_US.UTF-8","users":[{"name":"user1","groups":"users","shell":"/bin/bash","sudo":"ALL=(ALL) NOPASSWD:ALL","lock_passwd":false,"hashed_passwd":"', 'HASH', '"}],"ssh_pwauth":true,"runcmd":["touch /etc/cloud/cloud-init.disabled"]}')) }
		@{ Path = 'network-config'; Text = @(, @('{"version":1,"config":[{"type":"physical","name":"eth0","mac_address":"', 1, '","subnets":[{"type":"static","address":"', 2, '/24","gateway":"192.168.0.1","dns_nameservers":["168.63.129.16"]}]},{"type":"nameserver","address":["168.63.129.16"]}]}')) }
		@{ Path = 'Windows\Panther\unattend.xml'; Text = @('<?xml version="1.0" encoding="utf-8"?>', '<unattend xmlns="urn:schemas-microsoft-com:unattend" xmlns:wcm="http://schemas.microsoft.com/WMIConfig/2002/State"><settings pass="specialize"><component name="Microsoft-Windows-Shell-Setup"', 0, @('<ComputerName>', 1, '</ComputerName><TimeZone>UTC</TimeZone></component>'), '<component name="Microsoft-Windows-TerminalServices-LocalSessionManager"', 0, '<fDenyTSConnections>false</fDenyTSConnections></component>', '<component name="Networking-MPSSVC-Svc"', 0, '<FirewallGroups><FirewallGroup wcm:action="add" wcm:keyValue="RemoteDesktop"><Active>true</Active><Group>@FirewallAPI.dll,-28752</Group><Profile>all</Profile></FirewallGroup></FirewallGroups></component>', '<component name="Microsoft-Windows-TCPIP"', 0, @(1, 2, '</Identifier><Ipv4Settings><DhcpEnabled>false</DhcpEnabled></Ipv4Settings><UnicastIpAddresses><IpAddress wcm:action="add" wcm:keyValue="1">', 3, '/24</IpAddress></UnicastIpAddresses><Routes><Route wcm:action="add"><Identifier>0</Identifier><Prefix>0.0.0.0/0</Prefix><NextHopAddress>192.168.0.1</NextHopAddress></Route></Routes></Interface></Interfaces></component>'), '<component name="Microsoft-Windows-DNS-Client"', 0, @(1, 2, '</Identifier><DNSServerSearchOrder><IpAddress wcm:action="add" wcm:keyValue="1">168.63.129.16</IpAddress></DNSServerSearchOrder></Interface></Interfaces></component>'), '</settings><settings pass="oobeSystem"><component name="Microsoft-Windows-International-Core"', 0, '<InputLocale>0409:00000409</InputLocale><SystemLocale>en-US</SystemLocale><UILanguage>en-US</UILanguage><UserLocale>en-US</UserLocale></component>', '<component name="Microsoft-Windows-Shell-Setup"', 0, '<OOBE><HideEULAPage>true</HideEULAPage><HideOnlineAccountScreens>true</HideOnlineAccountScreens><HideWirelessSetupInOOBE>true</HideWirelessSetupInOOBE><ProtectYourPC>3</ProtectYourPC></OOBE>', @('<UserAccounts><LocalAccounts><LocalAccount wcm:action="add"><Password><Value>', 'USER', '</Value><PlainText>false</PlainText></Password><DisplayName>user1</DisplayName><Group>Administrators</Group><Name>user1</Name></LocalAccount></LocalAccounts></UserAccounts></component>'), '</settings></unattend>') }
		@{ Path = 'Windows\Setup\Scripts\SetupComplete.cmd'; Text = @('@echo off', 'del /q /f "%SystemRoot%\Panther\unattend.xml" "%SystemRoot%\System32\Sysprep\unattend.xml" 2>nul', '') }
	)

	Inside = @(
		, @('ubuntu', 0, 'ubuntu', 1, 2, '02:15:5d:d0:d8:ef', '192.168.0.102')
		, @('windows-11', 3, 'windows-11', '02-15-5d-57-8b-56', '192.168.0.103', 4)
	)
}

# --- part new volumes ---

function Add-LabVolume($Number, $Bytes, $FileSystem, $Label, [switch]$Active) {
	$size = @{ DiskNumber = $Number; AssignDriveLetter = $true }
	if ($Bytes) { $size.Size = $Bytes } else { $size.UseMaximumSize = $true }
	if ($Active) { $size.IsActive = $true }
	$part = Storage\New-Partition @size @Stop
	$form = @{ Partition = $part; FileSystem = $FileSystem; NewFileSystemLabel = $Label }
	$null = Storage\Format-Volume @form @Sure
	@{ Part = $part; Root = '{0}:\' -f $part.DriveLetter }
}

# --- part cloud-init ---

function ConvertTo-LabCrypt($Text, $Salt) {
	$sha = [Security.Cryptography.SHA512Managed]::new()
	$key = [Text.Encoding]::UTF8.GetBytes($Text)
	$grain = [Text.Encoding]::ASCII.GetBytes($Salt)
	$n = $key.Length
	$b = $sha.ComputeHash([byte[]]($key + $grain + $key))
	$long = 1 + [math]::Floor($n / 64)
	$all = $key + $grain + ($b * $long)[0..($n - 1)]
	for ($bit = $n; $bit -gt 0; $bit = $bit -shr 1) {
		if ($bit % 2 -eq 1) { $all += $b } else { $all += $key }
	}
	$a = $sha.ComputeHash([byte[]]$all)
	$p = ($sha.ComputeHash([byte[]]($key * $n)) * $long)[0..($n - 1)]
	$s = $sha.ComputeHash([byte[]]($grain * (16 + $a[0])))[0..($grain.Length - 1)]
	$round = @(for ($i = 0; $i -lt 42; $i++) {
			$all, $last = $a, $p
			if ($i % 2) { $all, $last = $p, $a }
			if ($i % 3) { $all += $s }
			if ($i % 7) { $all += $p }
			, [byte[]]($all + $last)
		})
	for ($i = 0; $i -lt 5000; $i++) {
		$all = $round[$i % 42]
		$a.CopyTo($all, ($i % 2) * ($all.Length - 64))
		$a = $sha.ComputeHash($all)
	}
	$letter = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
	$text = ''
	$at = @(0, 21, 42)
	for ($i = 0; $i -lt 22; $i++) {
		$value = [int]$a[$at[2]]
		if ($i -lt 21) { $value += 65536 * $a[$at[0]] + 256 * $a[$at[1]] }
		foreach ($k in 0..3) {
			$text += $letter[$value -band 63]
			$value = $value -shr 6
		}
		$at = $at[1, 2, 0].ForEach({ $_ + 1 })
	}
	'$6${0}${1}' -f $Salt, $text.Substring(0, 86)
}

$Hook.Crypt = { ConvertTo-LabCrypt -Text $plain -Salt ([guid]::NewGuid().ToString('N').Substring(0, 16)) }

$Fix.seed = {
	$partial = Initialize-LabPartial -Path $Want.SeedPath
	Add-LabVhd -Path $partial -Bytes 64MB
	Invoke-LabMounted -Path $partial -Action {
		Storage\Initialize-Disk -Number $Number -PartitionStyle MBR @Sure
		$volume = Add-LabVolume -Number $Number -FileSystem FAT -Label CIDATA
		Add-LabSeedFile -Guest $Want -Root $volume.Root
	}
	Move-Item -LiteralPath $partial -Destination $Want.SeedPath
}

$Fix.seeddrive = { Hyper-V\Add-VMHardDiskDrive -VM $Vm -Path $Want.SeedPath -ControllerType SCSI }
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
	AllowStop = $AllowStop
	Adopt = $Adopt -or $Lab.Adopt
	Prune = $Prune
	Recreate = $Recreate
	ImageDir = $ImageDir.TrimEnd('\')
	Password = $GuestPassword
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
	foreach ($name in 'setup.ps1', 'verify.ps1', 'start-lab.ps1', 'reset.ps1') {
		Get-LabItem -Phase Windows -Kind script -Name ($Lab.Scripts + '\' + $name)
	}
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

# --- what stands in the way ---

$Nested = 'On Azure choose a size with nested virtualization and the security type Standard (not Trusted Launch); ' +
	'on a PC switch it on in the firmware.'

function Get-LabMachineObstacle {
	$system = CimCmdlets\Get-CimInstance -ClassName Win32_OperatingSystem
	$computer = CimCmdlets\Get-CimInstance -ClassName Win32_ComputerSystem
	$processor = @(CimCmdlets\Get-CimInstance -ClassName Win32_Processor)

	if (98, 99, 100, 101 -contains $system.OperatingSystemSKU) {
		'{0} has no Hyper-V; use Windows Pro, Enterprise, Education or Windows Server.' -f $system.Caption
	}
	if (-not $computer.HypervisorPresent -and -not $processor.Where({ $_.VirtualizationFirmwareEnabled }).Count) {
		'This machine has no virtualization for Hyper-V. ' + $Nested
	}
	$cores = $computer.NumberOfLogicalProcessors
	foreach ($guest in $Lab.Guests.Where({ $_.Vcpus -gt $cores })) {
		'The guest {0} needs {1} processors, this machine has {2}.' -f $guest.Name, $guest.Vcpus, $cores
	}
	$total = [long][math]::Ceiling($computer.TotalPhysicalMemory / 1GB) * 1GB
	[long]$need = $Lab.HostReserve
	foreach ($guest in $Lab.Guests.Where({ -not $_.OnDemand })) {
		if ($guest.Memory.Dynamic) { $need += $guest.Memory.Minimum } else { $need += $guest.Memory.Startup }
	}
	if ($need -gt $total) {
		'The guests and Windows need {0} of memory together, this machine has {1}.' -f
		(Format-LabSize -Of $need), (Format-LabSize -Of $total)
	}
	if ($Lab.HostIsServer -ne $Run.Server) {
		Write-Warning -Message ('The lab is described for {0}, this is {1}.' -f $Lab.HostOs, $system.Caption)
	}
}

function Get-LabDiskObstacle {
	if ($Run.ImageDir -and -not $Resumed -and -not (Test-LabFolder -Of $Run.ImageDir)) {
		'The folder {0} of -ImageDir does not exist.' -f $Run.ImageDir
	}
	$drive = $Lab.Data.Substring(0, 2)
	$volume = Get-LabVolume -Letter $drive
	if ($Lab.DataDisk -and -not ($volume -and $volume.FileSystem)) {
		$raw = Invoke-LabHook -Name DataDisk
		if (-not $raw) { return 'There is no drive {0} and no raw data disk (LUN 0) to make it from.' -f $drive }
		$free = $raw.Size
	}
	elseif (-not $volume) { return 'The drive {0} for the guests'' disks does not exist.' -f $drive }
	else { $free = $volume.FreeSpace }
	[long]$need = 4GB
	foreach ($guest in $Lab.Guests) {
		foreach ($disk in $guest.Disks.Where({ -not (Test-LabFile -Of $_.Path) })) {
			$source = Get-LabSource -Of $disk
			if ($source -and $source -notlike '*.iso') {
				$need += [long](Get-Item -LiteralPath $source).Length
			}
			elseif ($disk.Type -eq 'Fixed') { $need += $disk.Size }
		}
	}
	$more = @(Invoke-LabHook -Name Room)
	foreach ($one in $more) { $need += $one.Bytes }
	if ([long]$free -lt $need) {
		'The drive {0} has {1} free, setting up needs {2}.{3}' -f $drive, (Format-LabSize -Of $free),
		(Format-LabSize -Of $need), (-join $more.ForEach({ $_.Text }))
	}
}

function Get-LabOwnerText($Kind, $Of) {
	$owner = Get-LabOwner -Of $Of.Notes
	$who = 'this lab did not create it'
	if ($owner) { $who = 'it belongs to the lab ' + $owner.Substring(5) }
	'A virtual {0} {1} exists, but {2}. Rename or remove it, choose another name in {3}, or run again with -Adopt.' -f
	$Kind, $Of.Name, $who, $Lab.Spec
}

function Get-LabOwnerObstacle {
	if ($Run.Adopt -or -not $Run.HyperV) { return }
	foreach ($net in $Lab.Networks.Where({ 'default-switch', 'external' -notcontains $_.Kind })) {
		$have = Get-LabSwitch -Name $net.Switch
		if ($have -and -not (Test-LabOwner -Of $have.Notes)) { Get-LabOwnerText -Kind switch -Of $have }
	}
	$machine = @(Hyper-V\Get-VM)
	foreach ($guest in $Lab.Guests) {
		$same = $machine.Where({ $_.Name -eq $guest.Name })
		$own = $same.Where({ Test-LabGuestOwner -Vm $_ })
		if ($same.Count -and $own.Count -eq 0) { Get-LabOwnerText -Kind machine -Of $same[0] }
		if ($own.Count -gt 1) { 'This lab has two virtual machines called {0}. Rename one of them.' -f $guest.Name }
	}
}

function Get-LabNatObstacle {
	foreach ($net in $Lab.Nats) {
		foreach ($one in Get-LabNat) {
			$own = Get-LabRecord -Kind nat -Name $one.Name
			$prefix = $one.InternalIPInterfaceAddressPrefix
			if ($one.Name -ne $net.Nat) {
				if (-not $own -or (Get-LabNatUser -Nat $one)) {
					'Another NAT exists: {0} ({1}). Windows supports one; remove it if nothing needs it.' -f $one.Name,
					$prefix
				}
				elseif (-not $Run.Prune) {
					'The NAT {0} ({1}) is left from an earlier description; run again with -Prune to replace it.' -f
					$one.Name, $prefix
				}
				continue
			}
			if ($prefix -eq $net.NatPrefix) { continue }
			$user = Get-LabNatUser -Nat $one
			if ($user) {
				'The NAT {0} has the prefix {1}, this lab wants {2}, and {3}. Give all labs here one nat_prefix.' -f
				$one.Name, $prefix, $net.NatPrefix, $user
			}
			elseif (-not $own -and -not $Run.Adopt) {
				'A NAT {0} exists with another prefix ({1}), and this lab did not create it.' -f $one.Name, $prefix
			}
		}
	}
}

function Get-LabMappingObstacle {
	if ($Run.Adopt -or -not $Run.HyperV) { return }
	foreach ($net in $Lab.Nats) {
		foreach ($one in Get-LabForeignMapping -Nat $net.Nat) {
			$label = '{0} {1}' -f $one.Protocol, $one.ExternalPort
			foreach ($map in $Lab.Mappings.Where({ $_.Label -eq $label })) {
				'Port {0} of this machine leads to {1}:{2} already; the guest {3} cannot get it.' -f $label,
				$one.InternalIPAddress, $one.InternalPort, $map.Guest
			}
		}
	}
}

function Get-LabAddressObstacle {
	$inner = @(if ($Run.HyperV) {
			foreach ($one in @(Hyper-V\Get-VMSwitch).Where({ $_.SwitchType -eq 'Internal' })) {
				Get-LabHostAdapter -On $one.Name
			}
		}).ForEach({ $_.InterfaceIndex })
	$live = @(NetTCPIP\Get-NetIPAddress @Stop | Where-Object {
			$_.AddressFamily -eq 'IPv4' -and $_.IPAddress -ne '127.0.0.1' -and $_.PrefixLength -gt 0
		})
	foreach ($net in $Lab.Networks.Where({ 'nat', 'internal' -contains $_.Kind -and $_.Gateway })) {
		$own = Get-LabHostAdapter -On $net.Switch
		foreach ($address in $live) {
			if ($own -and $address.InterfaceIndex -eq $own.InterfaceIndex) { continue }
			$have = $address.IPAddress + '/' + $address.PrefixLength
			if (Test-LabOverlap -One $net.Subnet -Two $have) { $what, $of = 'subnet', $net.Subnet }
			elseif ($net.Kind -eq 'nat' -and $inner -notcontains $address.InterfaceIndex -and
				(Test-LabOverlap -One $net.NatPrefix -Two ($address.IPAddress + '/32'))) {
				$what, $of = 'nat_prefix', $net.NatPrefix
			}
			else { continue }
			'The {0} {1} overlaps the address {2} of this machine ({3}). Choose another {0} in {4}.' -f $what, $of,
			$have, $address.InterfaceAlias, $Lab.Spec
		}
	}
}

function Get-LabPortObstacle {
	if ($Lab.Mappings.Count -eq 0) { return }
	$busy = @{
		TCP = @(NetTCPIP\Get-NetTCPConnection @Stop).Where({ $_.State -eq 'Listen' })
		UDP = @(NetTCPIP\Get-NetUDPEndpoint @Stop)
	}
	$kept = @{
		TCP = netsh.exe interface ipv4 show excludedportrange protocol=tcp
		UDP = netsh.exe interface ipv4 show excludedportrange protocol=udp
	}
	foreach ($map in $Lab.Mappings) {
		$protocol = $map.Protocol
		$port = $map.ExternalPort
		if (Get-LabRecord -Kind mapping -Name $map.Label) { continue }
		foreach ($line in @($kept[$protocol]) -match '^\s*\d+\s+\d+') {
			$first, $last = [int[]]($line.Trim() -split '\s+')[0, 1]
			if ($port -lt $first -or $port -gt $last) { continue }
			'{0} port {1} is in a range that Windows keeps back ({2}-{3}); choose another in {4}.' -f $protocol, $port,
			$first, $last, $Lab.Spec
		}
		$user = $busy[$protocol].Where({ $_.LocalPort -eq $port })
		if ($user.Count -eq 0) { continue }
		'{0} port {1} of this machine is in use (process {2}); the guest {3} cannot get it.' -f $protocol, $port,
		$user[0].OwningProcess, $map.Guest
	}
}

function Get-LabObstacle {
	if (-not (Test-LabElevation)) {
		'This script must run as administrator: start setup.cmd, or an elevated PowerShell.'
		return
	}
	Initialize-LabWindows
	Get-LabMachineObstacle
	Get-LabDiskObstacle
	Invoke-LabHook -Name Dhcp
	Get-LabOwnerObstacle
	Invoke-LabHook -Name Obstacle
	Get-LabNatObstacle
	Get-LabMappingObstacle
	Get-LabAddressObstacle
	Get-LabPortObstacle
}

function Read-LabPassword {
	if ($WhatIfPreference) { return }
	$need = $Lab.Guests.Where({ $_.Ask -and (Test-LabFresh -Of $_) }).ForEach({ $_.Name }) -join ', '
	if (-not $need) { return }
	if (-not $Run.Password) { Invoke-LabHook -Name Password }
	if (-not $Run.Password -and [Environment]::UserInteractive) {
		$question = 'Password for the accounts in {0} (you choose it)' -f $need
		try { $Run.Password = Read-Host -Prompt $question -AsSecureString }
		catch { Write-Verbose -Message $_.Exception.Message }
	}
	if ($Run.Password -and $Run.Password.Length) { return }
	'The accounts in {0} need a password and nobody is there to type it. Hand it over: ' -f $need +
	'.\setup.ps1 -GuestPassword (a SecureString).'
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

# --- repairs; nothing here deletes a disk ---

$Fix.folder = { $null = New-Item -Path $Want -ItemType Directory -Force }

$Fix.feature = {
	if ($Run.Server) { $null = ServerManager\Install-WindowsFeature -Name $Want -IncludeManagementTools }
	else { $null = Dism\Enable-WindowsOptionalFeature -Online -FeatureName $Want -All -NoRestart }
	$now = Get-LabFeature -Name $Want
	if ('Installed', 'InstallPending' -notcontains $now) {
		throw 'The Windows feature {0} is {1} after its installation.' -f $Want, $now
	}
}

$Fix.service = { Set-Service -Name $Want -StartupType Automatic }

$Fix.member = {
	if (@(Get-LocalUser).Where({ $_.Name -eq $Want }).Count -ne 1) {
		throw 'The account {0} does not exist on this machine. Create it, then run again.' -f $Want
	}
	Add-LocalGroupMember -SID S-1-5-32-578 -Member $Want
}

$Fix.shortcut = {
	$shell = New-Object -ComObject WScript.Shell
	$link = $shell.CreateShortcut($Want)
	$link.TargetPath = $Manager
	if (-not $Want.EndsWith('\Hyper-V Manager.lnk')) {
		$link.TargetPath = $env:SystemRoot + '\System32\WindowsPowerShell\v1.0\powershell.exe'
		$link.Arguments = '-NoProfile -ExecutionPolicy Bypass -NoExit -Command & {0}{1}\start-lab.ps1{0}' -f
			[char]39, $Lab.Scripts
	}
	$link.Save()
}

$Fix.switch = {
	if ($Want.Kind -eq 'external') {
		throw 'The external switch {0} is this machine''s own: create it in Hyper-V Manager.' -f $It.Name
	}
	if (-not $It.Have) {
		$null = Hyper-V\New-VMSwitch -Name $It.Name -SwitchType $It.Detail -Notes $Lab.Tag
		return
	}
	if ($It.Have.SwitchType -eq 'External') {
		throw 'The switch {0} is an external one; it is not changed into {1}.' -f $It.Name, $It.Detail
	}
	Hyper-V\Set-VMSwitch -VMSwitch $It.Have -SwitchType $It.Detail -Notes $Lab.Tag
}

$Fix.address = {
	if (-not $It.Index) {
		$nic = Wait-LabCondition -Seconds 60 -Question { Get-LabHostAdapter -On $Want.Switch }
		if (-not $nic) { throw 'The adapter of the switch {0} did not appear.' -f $Want.Switch }
		$Action = $Read.address
		$It.Have = & $Action
	}
	$index = $It.Index
	foreach ($one in $It.Foreign) { NetTCPIP\Remove-NetIPAddress -InputObject $one @Sure }
	NetTCPIP\Set-NetIPInterface -InterfaceIndex $index -AddressFamily IPv4 -Dhcp Disabled @Sure
	DnsClient\Set-DnsClient -InterfaceIndex $index -RegisterThisConnectionsAddress $false @Sure
	if (-not @(Get-LabHostAddress -Index $index).Where({ $_.IPAddress -eq $Want.Gateway }).Count) {
		$new = @{ IPAddress = $Want.Gateway; PrefixLength = $Want.PrefixLength }
		$null = NetTCPIP\New-NetIPAddress -InterfaceIndex $index @new @Sure
	}
	$ready = Wait-LabCondition -Seconds 60 -Question {
		$now = @(Get-LabHostAddress -Index $index).Where({ $_.IPAddress -eq $Want.Gateway })
		if ($now.Where({ $_.AddressState -eq 'Duplicate' }).Count) {
			throw 'Another machine of the network already has the address {0}.' -f $Want.Gateway
		}
		$now.Where({ $_.AddressState -eq 'Preferred' })
	}
	if (-not $ready) { throw 'The address {0} did not become usable.' -f $It.Name }
}

$Fix.nat = {
	if ($It.Have) { NetNat\Remove-NetNat -InputObject $It.Have @Sure }
	$null = NetNat\New-NetNat -Name $It.Name -InternalIPInterfaceAddressPrefix $Want.NatPrefix @Sure
}

$Fix.mapping = {
	Add-LabRecord -Kind mapping -Name $It.Name -From $Want.Guest
	foreach ($one in $It.Have) { NetNat\Remove-NetNatStaticMapping -InputObject $one @Sure }
	$new = @{
		NatName = $Want.Nat; Protocol = $Want.Protocol
		ExternalIPAddress = $Want.ExternalAddress; ExternalPort = $Want.ExternalPort
		InternalIPAddress = $Want.InternalAddress; InternalPort = $Want.InternalPort
	}
	$null = NetNat\Add-NetNatStaticMapping @new @Sure
}

$Fix.firewall = {
	$of = @{ Direction = 'Inbound'; Action = 'Allow'; Enabled = 'True'; Protocol = $Want; LocalPort = $It.Port }
	if ($It.Have) {
		NetSecurity\Set-NetFirewallRule -InputObject $It.Have @of @Sure
		return
	}
	$text = 'Lab {0}: mapped {1} ports' -f $Lab.Name, $Want
	$null = NetSecurity\New-NetFirewallRule -Name $It.Name -DisplayName $text -Group $Lab.Tag @of @Sure
}

function Get-LabArgument($Gap, $Of) {
	$set = @{}
	foreach ($row in $Gap.Where({ $_['Of'] -eq $Of })) {
		$set[$row.As] = $row.Want
		if ($row.ContainsKey('Value')) { $set[$row.As] = $row.Value }
	}
	$set
}

$Fix.guest = {
	if ($Vm -and $Gap[0].Of -eq 'Generation') {
		if ($Want.System -and (Test-LabFile -Of $Want.System.Path)) { Move-LabDisk -Path $Want.System.Path -Mark old }
		Hyper-V\Remove-VM -VM $Vm -Force @Sure
		$Vm = $null
	}
	if (-not $Vm) {
		$new = @{
			Name = $Want.Name; Generation = $Want.Generation; MemoryStartupBytes = $Want.Memory.Startup
			Path = $Lab.Data + '\machines'; NoVHD = $true
		}
		$Vm = Hyper-V\New-VM @new
		Hyper-V\Set-VM -VM $Vm -Notes (Get-LabNoteRow -Want $Want -Vm $Vm).Value
		return
	}
	$set = Get-LabArgument -Gap $Gap -Of Vm
	if ($set.Count) { Hyper-V\Set-VM -VM $Vm @set }
	$set = Get-LabArgument -Gap $Gap -Of Memory
	if ($set.Count) { Hyper-V\Set-VMMemory -VM $Vm @set }
	$set = Get-LabArgument -Gap $Gap -Of Processor
	if ($set.Count) { Hyper-V\Set-VMProcessor -VM $Vm @set }
	$set = Get-LabArgument -Gap $Gap -Of Firmware
	if ($set.Count) { Hyper-V\Set-VMFirmware -VM $Vm @set }
	$of = $Gap.ForEach({ $_['Of'] })
	if ($of -contains 'Tpm') {
		if (@(Hyper-V\Get-VMKeyProtector -VM $Vm).Count -le 4) { Hyper-V\Set-VMKeyProtector -VM $Vm -NewLocalKeyProtector }
		Hyper-V\Enable-VMTPM -VM $Vm
	}
	if ($of -notcontains 'Spare') { return }
	foreach ($nic in Get-LabSpareAdapter -Want $Want -Vm $Vm) {
		Hyper-V\Remove-VMNetworkAdapter -VMNetworkAdapter $nic
	}
}

$Fix.autostart = { Hyper-V\Set-VM -VM $Vm -AutomaticStartAction $Want.StartAction }

$Fix.boot = {
	if ($Want.Generation -eq 1) {
		Hyper-V\Set-VMBios -VM $Vm -StartupOrder @('IDE', 'CD', 'LegacyNetworkAdapter', 'Floppy')
		return
	}
	$path = $Want.System.Path
	$drive = @(Hyper-V\Get-VMDvdDrive -VM $Vm)
	$drive += @(Hyper-V\Get-VMHardDiskDrive -VM $Vm).Where({ $_.Path -eq $path })
	foreach ($one in $drive) { Hyper-V\Set-VMFirmware -VM $Vm -FirstBootDevice $one }
}

$Fix.adapter = {
	$nic = $It.Have
	if (-not $nic) {
		$add = @{ VM = $Vm; Name = $Want.Name; SwitchName = Get-LabSwitchName -Net $Want.Net }
		if ($Want.Legacy) { $add.IsLegacy = $true }
		Hyper-V\Add-VMNetworkAdapter @add
		return
	}
	$set = Get-LabArgument -Gap $Gap -Of Adapter
	if ($set.Count) { Hyper-V\Set-VMNetworkAdapter -VMNetworkAdapter $nic @set }
	foreach ($row in $Gap) {
		if ($row.Of -eq 'Switch') { Hyper-V\Connect-VMNetworkAdapter -VMNetworkAdapter $nic -SwitchName $row.Want }
		if ($row.Of -ne 'Vlan') { continue }
		if ($row.Want -eq 0) { Hyper-V\Set-VMNetworkAdapterVlan -VMNetworkAdapter $nic -Untagged }
		else { Hyper-V\Set-VMNetworkAdapterVlan -VMNetworkAdapter $nic -Access -VlanId $row.Want }
	}
}

function Get-LabPartialPath($Path, $Mark) {
	$dot = $Path.LastIndexOf('.')
	$Path.Substring(0, $dot) + $Mark + $Path.Substring($dot)
}

function Resize-LabDisk($Path, $Bytes) {
	if ((Get-LabVhd -Of $Path).Size -ge $Bytes) { return }
	Hyper-V\Resize-VHD -Path (Get-LabLiteral -Of $Path) -SizeBytes $Bytes
}

function Copy-LabDisk($Source, $Disk, $Guest) {
	$partial = Initialize-LabPartial -Path $Disk.Path
	$have = Get-LabVhd -Of $Source
	if ($have.VhdFormat -eq $Disk.Format -and $have.VhdType -eq $Disk.Type) {
		Copy-Item -LiteralPath $Source -Destination $partial -Force
	}
	else {
		Hyper-V\Convert-VHD -Path (Get-LabLiteral -Of $Source) -DestinationPath $partial -VHDType $Disk.Type
	}
	Resize-LabDisk -Path $partial -Bytes $Disk.Size
	if ($Disk.Boot -and $Guest.Configure -eq 'unattend') { Add-LabAnswerFile -Path $partial -Guest $Guest }
	Move-Item -LiteralPath $partial -Destination $Disk.Path
}

function Add-LabVhd($Path, $Bytes, [switch]$Fixed) {
	$of = @{ Path = $Path; SizeBytes = $Bytes }
	if ($Fixed) { $of.Fixed = $true } else { $of.Dynamic = $true }
	$null = Hyper-V\New-VHD @of
}

function Add-LabDisk($It) {
	$disk = $It.Want
	$missing = $disk.Source -and -not (Get-LabSource -Of $disk)
	if ($It.Source) {
		Add-LabRecord -Kind content -Name $disk.Path -From (Get-LabContent -Guest $It.Guest -Disk $disk)
		Copy-LabDisk -Source $It.Source -Disk $disk -Guest $It.Guest
	}
	elseif ($It.Media) {
		$Action = $Fix['media']
		& $Action
	}
	elseif ($disk.Parent) {
		if (-not (Test-LabFile -Of $disk.Parent)) { throw 'The parent disk {0} is not there.' -f $disk.Parent }
		$null = Hyper-V\New-VHD -Path $disk.Path -ParentPath $disk.Parent -Differencing
		Resize-LabDisk -Path $disk.Path -Bytes $disk.Size
	}
	elseif ($missing -and -not $disk.Boot) { throw 'The content of this disk is expected at {0}.' -f $disk.Source }
	else { Add-LabVhd -Path $disk.Path -Bytes $disk.Size -Fixed:($disk.Type -eq 'Fixed' -and -not $missing) }
}

function Move-LabDisk($Path, $Mark) {
	$when = [datetime]::UtcNow.ToString('yyyyMMddHHmmssfff')
	$aside = Get-LabPartialPath -Path $Path -Mark ('.{0}-{1}' -f $Mark, $when)
	Move-Item -LiteralPath $Path -Destination $aside
	Write-LabText -Text ('{0} is kept as {1}' -f $Path, $aside)
}

$Fix.disk = {
	if ($It.Have -and -not $Gap[0]['Copy']) {
		Resize-LabDisk -Path $Want.Path -Bytes $Want.Size
		return
	}
	if ($It.Have) {
		if ($Vm) { Clear-LabDrive -Vm $Vm -Path $Want.Path }
		$mark = 'old'
		if ($Gap[0].What -eq 'source') { $mark = 'empty' }
		Move-LabDisk -Path $Want.Path -Mark $mark
	}
	Add-LabDisk -It $It
}

$Fix.drive = { Hyper-V\Add-VMHardDiskDrive -VM $Vm -Path $Want.Path -ControllerType $It.Detail }

$Read.script = {
	$It.From = Get-LabBeside -Name (Get-LabLeaf -Of $Want)
	$It.Skip = $It.From -eq $Want -or -not (Test-LabFile -Of $It.From)
	if ($It.Skip -or -not (Test-LabFile -Of $Want)) { return }
	$Want
	$Same['copied content'] = @($Want, $It.From | ForEach-Object {
			(Get-FileHash -LiteralPath $_ -Algorithm SHA256 @Stop).Hash.Substring(0, 12)
		})
}

$Fix.script = { Copy-Item -LiteralPath $It.From -Destination $Want -Force }

$Fix.rights = {
	$acl = New-Object -TypeName System.Security.AccessControl.DirectorySecurity
	$acl.SetSecurityDescriptorSddlForm('D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-32-578)')
	Set-Acl -LiteralPath $Want -AclObject $acl
}

function Clear-LabOrphan($Orphan) {
	$have = $Orphan.Have
	$ConfirmPreference = 'None'
	if ($Orphan['Vm']) { Stop-LabGuest -Vm $Orphan.Vm }
	switch ($Orphan.Kind) {
		'guest' {
			Hyper-V\Remove-VM -VM $have -Force @Sure
			$Run.Machine = $null
		}
		'drive' { Hyper-V\Remove-VMHardDiskDrive -VMHardDiskDrive $have }
		'egress' { Hyper-V\Remove-VMNetworkAdapterExtendedAcl -InputObject $have }
		'adapter' { Hyper-V\Remove-VMNetworkAdapter -VMNetworkAdapter $have }
		'mapping' { NetNat\Remove-NetNatStaticMapping -InputObject $have @Sure }
		'firewall' { NetSecurity\Remove-NetFirewallRule -InputObject $have @Sure }
		'scope' { DhcpServer\Remove-DhcpServerv4Scope -ScopeId $have.ScopeId -Force @Sure }
		'nat' { NetNat\Remove-NetNat -InputObject $have @Sure }
		'switch' { Hyper-V\Remove-VMSwitch -VMSwitch $have -Force @Sure }
	}
	Add-LabRecord -Kind $Orphan.Kind -Name $Orphan.Name -Gone
}

function Sync-LabOrphan {
	[CmdletBinding(SupportsShouldProcess)]
	param()
	foreach ($one in Get-LabOrphan) {
		$state, $detail = 'Orphan', $one.Detail
		if (-not $Run.Prune) { }
		elseif ($one['Vm'] -and $one.Vm.State -ne 'Off' -and -not $Run.AllowStop) { $detail = 'needs -AllowStop' }
		elseif (-not $PSCmdlet.ShouldProcess(($one.Kind + ' ' + $one.Name), 'Remove')) {
			$state, $detail = 'Planned', ('remove; ' + $detail)
		}
		else {
			try {
				Clear-LabOrphan -Orphan $one
				$state, $detail = 'Repaired', ('removed; ' + $detail)
			}
			catch { $state, $detail = 'Failed', (Get-LabErrorText -Record $_) }
		}
		Write-LabResult -Kind $one.Kind -Name $one.Name -State $state -Detail $detail
	}
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

function Get-LabOpenText($Guest) {
	$linux = $Guest.Configure -eq 'cloud-init'
	$dns = @(DnsClient\Get-DnsClientServerAddress -AddressFamily IPv4 @Stop | ForEach-Object { $_.ServerAddresses })
	$open = @{ DNS = $dns -join '","' }
	if (-not $linux) { $open.DNS = $open.DNS.Split('"')[0] }
	if (-not $Guest.Ask) { return $open }
	if (-not $Run.Password) { throw 'A password is needed: run again with -GuestPassword.' }
	$plain = [pscredential]::new('x', $Run.Password).GetNetworkCredential().Password
	if ($linux) {
		if ($Run.Hash -eq '') { $Run.Hash = Invoke-LabHook -Name Crypt }
		$open.HASH = $Run.Hash
		return $open
	}
	$end = @{ USER = 'Password'; ADMIN = 'AdministratorPassword' }
	foreach ($one in $end.Keys) {
		$open[$one] = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($plain + $end[$one]))
	}
	$open
}

function Add-LabSeedFile($Guest, $Root) {
	$seed = $Lab.Inside.Where({ $_[0] -eq $Guest.Name })[0]
	$open = Get-LabOpenText -Guest $Guest
	for ($i = 0; $i -lt $seed.Count; $i++) {
		if ($seed[$i] -isnot [int]) { continue }
		$file = $Lab.Seeds[$seed[$i]]
		$path = $Root + $file.Path
		Add-LabFolder -For $path
		$line = foreach ($one in $file.Text) {
			$text = ''
			$odd = $false
			foreach ($part in $one) {
				if ($odd -and $part -is [int]) { $text += $seed[$i + $part] }
				elseif ($odd -and -not $open[$part]) { throw 'This machine has no DNS server for the guest.' }
				elseif ($odd) { $text += $open[$part] }
				elseif ($part -is [int]) { $text += $Lab.Shared[$part] }
				else { $text += $part }
				$odd = -not $odd
			}
			$text
		}
		$end = [string][char]10
		if ($Guest.Configure -eq 'unattend') { $end = [char]13 + $end }
		$text = $line -join $end
		$encoding = 'ASCII'
		if ($text -cmatch '[^\x00-\x7f]') { $encoding = 'UTF8' }
		Set-Content -LiteralPath $path -Value $text -NoNewline -Encoding $encoding -Force
	}
}

function Initialize-LabPartial($Path) {
	$partial = Get-LabPartialPath -Path $Path -Mark '.partial'
	if (Test-LabFile -Of $partial) {
		if ((Get-LabVhd -Of $partial).Attached) { Hyper-V\Dismount-VHD -Path (Get-LabLiteral -Of $partial) }
		Remove-Item -LiteralPath $partial -Force
	}
	$partial
}

function Invoke-LabMounted($Path, $Action) {
	$literal = Get-LabLiteral -Of $Path
	Hyper-V\Mount-VHD -Path $literal
	try {
		$Number = (Get-LabVhd -Of $Path).DiskNumber
		& $Action
	}
	finally { Hyper-V\Dismount-VHD -Path $literal }
}

function Add-LabAnswerFile($Path, $Guest) {
	Invoke-LabMounted -Path $Path -Action {
		$root = @(Storage\Get-Partition -DiskNumber $Number @Stop |
				ForEach-Object { '{0}:\' -f $_.DriveLetter } |
				Where-Object { Test-LabFolder -Of ($_ + 'Windows\System32') })
		if ($root.Count -ne 1) { throw '{0} holds no Windows that could be given its answers.' -f $Path }
		Add-LabSeedFile -Guest $Guest -Root $root[0]
	}
}

# --- the run ---

function Write-LabMissingSystem {
	$missing = $Lab.Guests.Where({ -not (Test-LabBootable -Of $_) })
	foreach ($guest in $missing) {
		$place = $null
		if ($guest.System) { $place = $guest.System.Source }
		$text = '{0}: no operating system; put {1} there as {2}'
		if (Get-LabMedium -Of $guest) { $text = '{0}: install it from its DVD in Hyper-V Manager.' }
		elseif (-not $place) { $text = '{0}: has an empty disk; install {1} in Hyper-V Manager.' }
		elseif ($place -notmatch '\.(vhdx|vhd|iso)$') { $place += '.vhdx (or .vhd, .iso)' }
		Write-LabText -Text ($text -f $guest.Name, $guest.Os, $place)
	}
	$missing.Count
}

function Get-LabNext($Code, $Count) {
	if ($Code -eq 3010) {
		if ($Lab.Resume -eq 'task' -and ($Hook['Password'] -or $Lab.Guests.Where({ $_.Ask }).Count -eq 0)) {
			return 'Next: restart Windows; setup goes on by itself. Run it again to see how it went.'
		}
		if ($Lab.Target -eq 'lab-services') {
			return 'Next: stop this machine in Azure Lab Services, start it, run setup.cmd again.'
		}
		return 'Next: restart Windows, then run this script again.'
	}
	if ($Code -ne 0) { return 'Next: mend what is reported as Failed above, then run setup.cmd again.' }
	if ($WhatIfPreference) {
		if ($Count.Planned -eq 0) { return 'Next: nothing; this machine is as the table describes it.' }
		return 'Nothing was changed. Next: run setup.cmd to do what is planned.'
	}
	$missing = Write-LabMissingSystem
	if ($Count.Planned -gt 0) { return 'Next: do what is named under Planned (needs ...), then run setup.cmd again.' }
	if ($missing) { return 'Next: give the guests above their systems, then run setup.cmd again.' }
	if ($Count.Orphan -gt 0) {
		return 'Done: the lab is set up. Next: setup.cmd -Prune removes what is marked Orphan, no disk.'
	}
	'Done: the lab is set up. Next: sign in to each guest and try it.'
}

function Write-LabSummary($Code) {
	$count = @{}
	$word = foreach ($state in 'Unchanged', 'Created', 'Repaired', 'Planned', 'Orphan', 'Failed') {
		$count[$state] = Measure-LabResult -State $state
		'{0} {1}' -f $count[$state], $state.ToLowerInvariant()
	}
	foreach ($text in '', ($word -join ', '), (Get-LabNext -Code $Code -Count $count)) { Write-LabText -Text $text }
}

$code = 1
try {
	Write-LabText -Text ('{0}: checking this machine' -f $Lab.Title)
	$obstacle = @(Get-LabObstacle)
	if ($obstacle.Count -eq 0 -and (-not $Phase -or $Phase -contains 'Guests')) {
		$obstacle = @(Read-LabPassword)
	}
	if ($obstacle.Count) {
		foreach ($text in $obstacle) { Write-Warning -Message $text }
		Write-LabText -Text 'Nothing was changed. Next: put right what is named above, then run setup.cmd again.'
		$code = 2
	}
	else {
		$log = $Lab.Scripts + '\setup.jsonl'
		if ($PSBoundParameters.ContainsKey('LogPath')) { $log = $LogPath }
		Initialize-LabLog -Path $log
		$all = @(Get-LabResource).Where({ $null -eq $Phase -or $Phase -contains $_.Phase })
		Invoke-LabPlan -Item $all.Where({ $_.Phase -eq 'Windows' })
		if (Measure-LabResult -State Failed) { $code = 1 }
		elseif (-not $Run.HyperV -and (Test-LabFeature) -and (Get-LabManagement)) {
			throw 'Hyper-V is installed but its service vmms does not run. ' + $Nested
		}
		elseif (-not $Run.HyperV -and -not $WhatIfPreference) { $code = 3010 }
		else {
			if (-not $Phase) { Sync-LabOrphan }
			Invoke-LabHook -Name Join
			Invoke-LabPlan -Item $all.Where({ $_.Phase -ne 'Windows' })
			$code = [int]((Measure-LabResult -State Failed) -gt 0)
		}
	}
	Invoke-LabHook -Name End
	if ($code -ne 2) { Write-LabSummary -Code $code }
}
catch {
	$code = 1
	Write-LabResult -Kind script -Name $Lab.Name -State Failed -Detail (Get-LabErrorText -Record $_)
	Write-LabSummary -Code $code
}
finally {
	Write-Progress -Id 1 -Activity 'Setting up the lab' -Completed
}
exit $code
