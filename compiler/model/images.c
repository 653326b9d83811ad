#include "model/images.h"

#include "base/bug.h"

#define DAY "2026-11-29"
#define BOTH 3
#define EVAL "https://www.microsoft.com/evalcenter/evaluate-"
#define UBUNTU "https://documentation.ubuntu.com/public-images/public-images-reference/artefacts/"
#define UBUNTU_AT(v) "https://cloud-images.ubuntu.com/releases/" v "/release/"
#define DEBIAN_AT(v) "https://cloud.debian.org/images/cloud/" v "/latest/"
#define ROCKY_AT(v) "https://dl.rockylinux.org/pub/rocky/" v "/images/x86_64/"
#define ROCKY "https://docs.rockylinux.org/10/guides/virtualization/cloud-init/01_fundamentals/"
#define ALMA_AT(v) "https://repo.almalinux.org/almalinux/" v "/cloud/x86_64/images/"
#define ALMA "https://wiki.almalinux.org/cloud/changelog.html"
#define FREEBSD "https://download.freebsd.org/releases/VM-IMAGES/"
#define RHEL "https://access.redhat.com/downloads/content/rhel"
#define LAB_HACKING "https://learn.microsoft.com/azure/lab-services/class-type-ethical-hacking"
#define LAB_GNS3 "https://learn.microsoft.com/azure/lab-services/class-type-networking-gns3"
#define MEDIUM "the evaluation's installation medium"
#define SERVER_EDITIONS(v)                                                                                   \
	"Windows Server " v " Standard Evaluation (Desktop Experience)|Windows Server " v                    \
	" Datacenter Evaluation (Desktop Experience)"
/* Lists of files with their sizes in bytes. */
#define DISK_SIZES "https://github.com/GNS3/gns3-registry/tree/master/appliances"
#define ISO_SIZES "https://github.com/dockur/windows/blob/master/src/define.sh"
#define NO_ACCOUNT "A form asks for name and address."

#define UBUNTU_ROW(id, v, mib, from)                                                                                    \
	[id] = {"the server cloud image",                                                                    \
		UBUNTU_AT(v),                                                                                \
		"ubuntu-" v "-server-cloudimg-amd64.img",                                                    \
		PACK_NONE,                                                                                   \
		NULL,                                                                                        \
		FORM_QCOW2,                                                                                  \
		UBUNTU_AT(v) "SHA256SUMS",                                                                   \
		false,                                                                                       \
		BOTH,                                                                                        \
		NULL,                                                                                        \
		"ubuntu",                                                                                    \
		NULL,                                                                                        \
		true,                                                                                        \
		"The file is called .img and is a QCOW2. Not the -azure.vhd beside it: its cloud-init asks " \
		"Azure alone.",                                                                              \
		UBUNTU,                                                                                      \
		DAY,                                                                                         \
		mib,                                                                                         \
		0,                                                                                           \
		from}
#define DEBIAN_ROW(id, v, name, mib)                                                                              \
	[id] = {"the cloud image generic",                                                                 \
		DEBIAN_AT(name),                                                                             \
		"debian-" v "-generic-amd64.qcow2",                                                          \
		PACK_NONE,                                                                                   \
		NULL,                                                                                        \
		FORM_QCOW2,                                                                                  \
		DEBIAN_AT(name) "SHA512SUMS",                                                                \
		true,                                                                                        \
		BOTH,                                                                                        \
		NULL,                                                                                        \
		"debian",                                                                                    \
		NULL,                                                                                        \
		true,                                                                                        \
		NULL,                                                                                        \
		NULL,                                                                                        \
		NULL,                                                                                        \
		mib,                                                                                         \
		0,                                                                                           \
		NULL}
#define ROCKY_ROW(id, v, mib)                                                                                     \
	[id] = {"the cloud image GenericCloud-Base",                                                         \
		ROCKY_AT(v),                                                                                 \
		"Rocky-" v "-GenericCloud-Base.latest.x86_64.qcow2",                                         \
		PACK_NONE,                                                                                   \
		NULL,                                                                                        \
		FORM_QCOW2,                                                                                  \
		ROCKY_AT(v) "CHECKSUM",                                                                      \
		false,                                                                                       \
		BOTH,                                                                                        \
		NULL,                                                                                        \
		"rocky",                                                                                     \
		NULL,                                                                                        \
		true,                                                                                        \
		NULL,                                                                                        \
		ROCKY,                                                                                       \
		DAY,                                                                                         \
		mib,                                                                                         \
		0,                                                                                           \
		DISK_SIZES}
#define ALMA_ROW(id, v, mib, from)                                                                                      \
	[id] = {"the cloud image GenericCloud",                                                              \
		ALMA_AT(v),                                                                                  \
		"AlmaLinux-" v "-GenericCloud-latest.x86_64.qcow2",                                          \
		PACK_NONE,                                                                                   \
		NULL,                                                                                        \
		FORM_QCOW2,                                                                                  \
		ALMA_AT(v) "CHECKSUM",                                                                       \
		false,                                                                                       \
		BOTH,                                                                                        \
		NULL,                                                                                        \
		"almalinux",                                                                                 \
		NULL,                                                                                        \
		true,                                                                                        \
		NULL,                                                                                        \
		ALMA,                                                                                        \
		DAY,                                                                                         \
		mib,                                                                                         \
		0,                                                                                           \
		from}
#define RHEL_ROW(id, v)                                                                                      \
	[id] = {"the KVM guest image",                                                                       \
		RHEL,                                                                                        \
		"rhel-" v ".*-x86_64-kvm.qcow2",                                                             \
		PACK_NONE,                                                                                   \
		NULL,                                                                                        \
		FORM_QCOW2,                                                                                  \
		RHEL,                                                                                        \
		false,                                                                                       \
		BOTH,                                                                                        \
		NULL,                                                                                        \
		"cloud-user",                                                                                \
		NULL,                                                                                        \
		true,                                                                                        \
		"The page asks for an account; one for developers costs nothing.",                           \
		NULL,                                                                                        \
		NULL,                                                                                        \
		0,                                                                                           \
		0,                                                                                           \
		NULL}
#define FREEBSD_ROW(id, v)                                                                                   \
	[id] = {"the virtual machine image",                                                                 \
		FREEBSD,                                                                                     \
		"FreeBSD-" v ".*-RELEASE-amd64.vhd.xz",                                                      \
		PACK_XZ,                                                                                     \
		NULL,                                                                                        \
		FORM_VHD,                                                                                    \
		FREEBSD,                                                                                     \
		false,                                                                                       \
		BOTH,                                                                                        \
		NULL,                                                                                        \
		"root",                                                                                      \
		NULL,                                                                                        \
		false,                                                                                       \
		"It lies in RELEASE/amd64/Latest, with CHECKSUM.SHA256 beside it. root has no password.",    \
		NULL,                                                                                        \
		NULL,                                                                                        \
		600,                                                                                         \
		0,                                                                                           \
		NULL}
#define SERVER_ROW(id, page, v, mib)                                                                              \
	[id] = {MEDIUM,                                                                                      \
		EVAL page,                                                                                   \
		"*SERVER_EVAL_x64FRE_en-us.iso",                                                            \
		PACK_NONE,                                                                                   \
		NULL,                                                                                        \
		FORM_ISO,                                                                                    \
		NULL,                                                                                        \
		false,                                                                                       \
		BOTH,                                                                                        \
		SERVER_EDITIONS(v),                                                                          \
		"Administrator",                                                                             \
		NULL,                                                                                        \
		false,                                                                                       \
		NO_ACCOUNT,                                                                                  \
		NULL,                                                                                        \
		NULL,                                                                                        \
		mib,                                                                                         \
		mib,                                                                                         \
		ISO_SIZES}

/* what, page, file, pack, inside, form | checksums, SHA-512, generations, editions, login, password,
 * cloud-init | note, source, date | MiB of the download, MiB of the disk, where these were read */
const struct os_image os_images[OS_COUNT] = {
    [OS_WINDOWS_10] = {MEDIUM, EVAL "windows-10-enterprise", "*_CLIENTENTERPRISEEVAL_OEMRET_x64FRE_en-us.iso",
		       PACK_NONE, NULL, FORM_ISO, NULL, false, BOTH, "Windows 10 Enterprise Evaluation", NULL,
		       NULL, false, NO_ACCOUNT, NULL, NULL, 5293, 5293, ISO_SIZES},
    [OS_WINDOWS_11] = {MEDIUM, EVAL "windows-11-enterprise", "*_CLIENTENTERPRISEEVAL_OEMRET_x64FRE_en-us.iso",
		       PACK_NONE, NULL, FORM_ISO, NULL, false, 2, "Windows 11 Enterprise Evaluation", NULL,
		       NULL, false, NO_ACCOUNT, NULL, NULL, 4900, 4900, NULL},
    SERVER_ROW(OS_WINDOWS_SERVER_2012_R2, "windows-server-2012-r2", "2012 R2", 4331),
    SERVER_ROW(OS_WINDOWS_SERVER_2016, "windows-server-2016", "2016", 6649),
    SERVER_ROW(OS_WINDOWS_SERVER_2019, "windows-server-2019", "2019", 5390),
    SERVER_ROW(OS_WINDOWS_SERVER_2022, "windows-server-2022", "2022", 4810),
    SERVER_ROW(OS_WINDOWS_SERVER_2025, "windows-server-2025", "2025", 5735),
    UBUNTU_ROW(OS_UBUNTU_20_04, "20.04", 526, DISK_SIZES),
    UBUNTU_ROW(OS_UBUNTU_22_04, "22.04", 654, DISK_SIZES),
    UBUNTU_ROW(OS_UBUNTU_24_04, "24.04", 580, NULL),
    DEBIAN_ROW(OS_DEBIAN_11, "11", "bullseye", 330),
    DEBIAN_ROW(OS_DEBIAN_12, "12", "bookworm", 420),
    DEBIAN_ROW(OS_DEBIAN_13, "13", "trixie", 400),
    [OS_KALI] = {"the virtual machine for Hyper-V", "https://www.kali.org/get-kali/#kali-virtual-machines",
		 "kali-linux-*-hyperv-amd64.7z", PACK_7Z, "kali-linux-*-hyperv-amd64.vhdx", FORM_VHDX,
		 "https://cdimage.kali.org/current/SHA256SUMS", false, 2, NULL, "kali", "kali", false,
		 "The archive also holds scripts that make a machine: only the disk is needed. The sum is "
		 "the archive's.",
		 LAB_HACKING, "2024-03-04", 2900, 0, NULL},
    RHEL_ROW(OS_RHEL_8, "8"),
    RHEL_ROW(OS_RHEL_9, "9"),
    RHEL_ROW(OS_RHEL_10, "10"),
    ROCKY_ROW(OS_ROCKY_8, "8", 1717),
    ROCKY_ROW(OS_ROCKY_9, "9", 943),
    ALMA_ROW(OS_ALMALINUX_8, "8", 535, DISK_SIZES),
    ALMA_ROW(OS_ALMALINUX_9, "9", 450, NULL),
    [OS_FEDORA] = {"the cloud image Base Generic", "https://fedoraproject.org/cloud/download",
		   "Fedora-Cloud-Base-Generic-*.x86_64.qcow2", PACK_NONE, NULL, FORM_QCOW2,
		   "https://fedoraproject.org/cloud/download", false, BOTH, NULL, "fedora", NULL, true, NULL,
		   NULL, NULL, 474, 0, DISK_SIZES},
    [OS_OPENSUSE_LEAP_15] = {"the appliance Minimal-VM for clouds",
			     "https://download.opensuse.org/distribution/leap/15.6/appliances/",
			     "openSUSE-Leap-15.6-Minimal-VM.x86_64-Cloud.qcow2", PACK_NONE, NULL, FORM_QCOW2,
			     "https://download.opensuse.org/distribution/leap/15.6/appliances/", false, BOTH,
			     NULL, "opensuse", NULL, true,
			     "The sum is in a file of the same name with .sha256 behind it.", NULL, NULL, 280,
			     0, NULL},
    FREEBSD_ROW(OS_FREEBSD_13, "13"),
    FREEBSD_ROW(OS_FREEBSD_14, "14"),
    [OS_OPNSENSE] = {"the installation medium dvd", "https://opnsense.org/download/",
		     "OPNsense-*-dvd-amd64.iso.bz2", PACK_BZ2, NULL, FORM_ISO,
		     "https://opnsense.org/download/", false, BOTH, NULL, "root", "opnsense", false,
		     "Sign in to its console as 'installer', password 'opnsense', to install it.",
		     "https://docs.opnsense.org/manual/install.html", DAY, 440, 0, NULL},
    [OS_PFSENSE] = {"the installer", "https://www.pfsense.org/download/", "netgate-installer-amd64.iso.gz",
		    PACK_GZ, NULL, FORM_ISO, "https://www.pfsense.org/download/", false, BOTH, NULL, "admin",
		    "pfsense", false, "The shop asks for an account.", NULL, NULL, 320, 0, NULL},
    [OS_GNS3_VM] =
	{"the GNS3 VM for Hyper-V", "https://github.com/GNS3/gns3-gui/releases", "GNS3.VM.Hyper-V.*.zip",
	 PACK_ZIP, "gns3vm-disk1.vhdx (in older releases GNS3 VM-disk1.vhd)", FORM_VHDX, NULL, false, 1, NULL,
	 "gns3", "gns3", false,
	 "The archive holds two disks: the first is the system disk, the second belongs under 'disks'.",
	 LAB_GNS3, "2024-03-06", 1500, 0, NULL},
    [OS_METASPLOITABLE_2] = {"the virtual machine for VMware",
			     "https://sourceforge.net/projects/metasploitable/files/Metasploitable2/",
			     "metasploitable-linux-2.0.0.zip", PACK_ZIP, "Metasploitable.vmdk", FORM_VMDK,
			     NULL, false, 1, NULL, "msfadmin", "msfadmin", false,
			     "Made to be broken into: never on a network that others share.", LAB_HACKING,
			     "2024-03-04", 825, 1830, NULL},
    [OS_OTHER_LINUX] = {.form = FORM_COUNT, .generations = BOTH},
    [OS_OTHER_WINDOWS] = {.form = FORM_COUNT, .generations = BOTH},
};

static const char *const form_names[FORM_COUNT + 1] = {"vhdx", "vhd", "iso", "qcow2", "raw",
						       "vmdk", "vdi", "ova", ""};
static const char *const pack_names[PACK_COUNT] = {"", "zip", "7z", "gz", "xz", "bz2", "tar.gz"};

const char *image_form_name(enum image_form f)
{
	return form_names[f];
}
const char *image_pack_name(enum image_pack p)
{
	return pack_names[p];
}
bool image_form_is_native(enum image_form f)
{
	return f <= FORM_ISO;
}

/* --- sizes --- */

uint64_t image_bytes(const struct os_image *m, enum image_form as, bool *least)
{
	const uint64_t mib = 1024 * 1024;

	*least = false;
	/* a disk is installed from a medium, and no medium comes from a disk */
	if (!m || m->form == FORM_COUNT || (as != FORM_COUNT && (as == FORM_ISO) != (m->form == FORM_ISO)))
		return 0;
	*least = !image_form_is_native(m->form) || (m->pack != PACK_NONE && m->disk_mib == 0);
	return mib * (m->disk_mib ? m->disk_mib : m->download_mib);
}

/* Whether a name, any case, is like a pattern in which '*' stands for anything. Linear but for the stars. */
static bool is_like(struct sv name, struct sv pattern)
{
	size_t i = 0, k = 0, star = SIZE_MAX, from = 0;

	while (i < name.n) {
		if (k < pattern.n && pattern.p[k] == '*') {
			star = k++;
			from = i;
		} else if (k < pattern.n && sv_eq_nocase(sv_sub(name, i, 1), sv_sub(pattern, k, 1))) {
			i++, k++;
		} else if (star != SIZE_MAX) {
			k = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (k < pattern.n && pattern.p[k] == '*')
		k++;
	return k == pattern.n;
}

bool image_is_published(const struct os_image *m, struct sv path)
{
	struct image_name n = image_name(path);

	return m && m->file && n.stem.n && is_like((struct sv){n.stem.p, n.stem.n + n.suffix.n}, sv_from(m->file));
}

/* --- names of files --- */

/* Other spellings of a form or a pack. */
static const struct form_suffix {
	struct sv suffix;
	enum image_form form;
} forms[] = {
    {SV_INIT("vhdx"), FORM_VHDX}, {SV_INIT("vhd"), FORM_VHD}, {SV_INIT("iso"), FORM_ISO},
    {SV_INIT("qcow2"), FORM_QCOW2}, {SV_INIT("qcow"), FORM_QCOW2}, {SV_INIT("raw"), FORM_RAW},
    {SV_INIT("img"), FORM_RAW}, {SV_INIT("vmdk"), FORM_VMDK}, {SV_INIT("vdi"), FORM_VDI},
    {SV_INIT("ova"), FORM_OVA}, {SV_INIT("ovf"), FORM_OVA},
};
static const struct pack_suffix {
	struct sv suffix;
	enum image_pack pack;
} packs[] = {
    {SV_INIT("zip"), PACK_ZIP}, {SV_INIT("7z"), PACK_7Z}, {SV_INIT("tgz"), PACK_TAR_GZ},
    {SV_INIT("tar.gz"), PACK_TAR_GZ}, {SV_INIT("tar"), PACK_TAR_GZ}, {SV_INIT("gz"), PACK_GZ},
    {SV_INIT("xz"), PACK_XZ}, {SV_INIT("bz2"), PACK_BZ2},
};

/* Whether `s` ends in a dot and this suffix, any case. */
static bool has_suffix(struct sv s, struct sv want)
{
	return s.n > want.n + 1 && s.p[s.n - want.n - 1] == '.' &&
	       sv_eq_nocase(sv_sub(s, s.n - want.n, s.n), want);
}

bool image_is_url(struct sv file)
{
	return sv_search(file, SV("://")) > 0;
}

struct sv image_file(struct sv path)
{
	struct image_name n = image_name(path);

	return (struct sv){ n.stem.p, n.stem.n + n.suffix.n };
}

struct image_name image_name(struct sv path)
{
	struct image_name n = {.form = FORM_COUNT};
	size_t from, end;

	if (image_is_url(path))
		for (size_t i = 0; i < path.n; i++)
			if (path.p[i] == '?' || path.p[i] == '#')
				path = sv_sub(path, 0, i);
	for (from = path.n; from > 0 && path.p[from - 1] != '/' && path.p[from - 1] != '\\';)
		from--;
	path = sv_sub(path, from, path.n);
	n.stem = path;
	for (size_t i = 0; i < COUNTOF(packs) && n.pack == PACK_NONE; i++)
		if (has_suffix(n.stem, packs[i].suffix)) {
			n.pack = packs[i].pack;
			n.stem.n -= packs[i].suffix.n + 1;
		}
	for (size_t i = 0; i < COUNTOF(forms) && n.form == FORM_COUNT; i++)
		if (has_suffix(n.stem, forms[i].suffix)) {
			n.form = forms[i].form;
			n.stem.n -= forms[i].suffix.n + 1;
		}
	end = n.stem.n;
	n.suffix = sv_sub(path, end, path.n);
	return n;
}

bool image_name_is_foreign(const struct image_name *n)
{
	bool is_native = n->form == FORM_COUNT || image_form_is_native(n->form);

	return n->suffix.n && !(is_native && (n->pack == PACK_NONE || n->pack == PACK_ZIP));
}

/* --- conversion --- */

static void put_name(struct buf *out, struct sv name)
{
	bool quote = sv_find(name, ' ') >= 0;

	if (quote)
		buf_ch(out, '"');
	buf_sv(out, name);
	if (quote)
		buf_ch(out, '"');
}

void image_convert_line(struct buf *out, enum image_form form, struct sv in, struct sv disk)
{
	if (form == FORM_COUNT || image_form_is_native(form))
		return;
	buf_str(out, "qemu-img convert -O vhdx -o subformat=dynamic ");
	put_name(out, in);
	buf_ch(out, ' ');
	put_name(out, disk);
}

void image_convert_text(struct buf *out, enum image_pack pack, enum image_form form, struct sv in,
			struct sv disk)
{
	bool convert = form != FORM_COUNT && !image_form_is_native(form);

	if (pack == PACK_ZIP)
		buf_str(out, "unpack the .zip");
	else if (pack != PACK_NONE)
		buf_fmt(out, "unpack the .%s, with 7-Zip for example", image_pack_name(pack));
	if (pack != PACK_NONE && convert)
		buf_str(out, ", then ");
	if (form == FORM_OVA)
		buf_str(out, "unpack the .ova, which is a tar archive, then convert the .vmdk in it: ");
	if (convert) {
		buf_ch(out, '`');
		image_convert_line(out, form, in, disk);
		buf_ch(out, '`');
	}
}
