#include "schema/codes.h"

#include "base/bug.h"

#define DEMO "labc: 1\nname: demo\ntarget: azure-vm\n"
#define HOST "host:\n  size: Standard_D8s_v5\n"
#define GUEST "guests:\n  web:\n    os: debian-12\n"
#define LAB DEMO HOST GUEST
#define TYPE_CHAPTER "SPEC.md#types"
#define KEYS_CHAPTER "SPEC.md#keys"
#define REUSE_CHAPTER "SPEC.md#reuse"

#define NOTHING_GUESSED                                                                                      \
	"A value that is guessed at becomes a machine nobody described: every field has one strict form."

#define ROW(id, number, row_name, row_summary, row_why, row_source, row_bad, row_good)                       \
	[CODE_##id] = { .code = "LAB" number,                                                                \
			.severity = SEV_ERROR,                                                               \
			.name = row_name,                                                                    \
			.summary = row_summary,                                                              \
			.why = row_why,                                                                      \
			.source = row_source,                                                                \
			.bad = row_bad,                                                                      \
			.good = row_good }

const struct diag_info schema_codes[] = {
	ROW(UNKNOWN_FIELD, "0101", "unknown-field", "a key that the language does not have",
	    "What is not understood would be left out in silence, and the machine would lack it.",
	    KEYS_CHAPTER, LAB "    cpus: 2\n", LAB "    vcpus: 2\n"),
	ROW(MISSING_FIELD, "0102", "missing-field", "a field that has no default is missing",
	    "Without it there is nothing to build, and no value is safe to assume.", "SPEC.md#fields",
	    DEMO HOST "guests:\n  web:\n    vcpus: 2\n", LAB "    vcpus: 2\n"),
	ROW(NO_VALUE, "0103", "no-value", "a key with nothing behind its colon",
	    "An empty value is most often a value that was forgotten.", KEYS_CHAPTER, LAB "    memory:\n",
	    LAB "    memory: 4 GiB\n"),
	ROW(WRONG_KIND, "0104", "wrong-kind", "a list, a map or a text where another is wanted",
	    "The shape of a field says what its parts mean; another shape has no meaning here.", TYPE_CHAPTER,
	    LAB "    ports: \"8080:80\"\n", LAB "    ports: [\"8080:80\"]\n"),
	ROW(MISPLACED_FIELD, "0105", "misplaced-field", "a field of the language in the wrong place",
	    "Where it stands it would do nothing.", KEYS_CHAPTER,
	    DEMO "host:\n  size: Standard_D8s_v5\n  ports: [\"8080:80\"]\n" GUEST,
	    LAB "    ports: [\"8080:80\"]\n"),
	ROW(REFUSED_FIELD, "0106", "refused-field", "something the language leaves out on purpose",
	    "Specs are shared and kept for years: a password in one is a password for everybody.",
	    "SPEC.md#secrets", DEMO "host:\n  size: Standard_D8s_v5\n  password: letmein\n" GUEST, LAB),
	ROW(INTEGER, "0107", "integer", "a value that is not a plain decimal integer in its range",
	    "Other spellings mean different numbers to different readers of YAML: 010 is 8 to some and 10 to "
	    "others.",
	    TYPE_CHAPTER, LAB "    vcpus: 0x2\n", LAB "    vcpus: 2\n"),
	ROW(BOOLEAN, "0108", "boolean", "a truth value other than true or false",
	    "yes, on and True are truth values to some readers of YAML and texts to others.", TYPE_CHAPTER,
	    LAB "    remote_desktop: yes\n", LAB "    remote_desktop: true\n"),
	ROW(SIZE, "0109", "size", "a size that is not whole digits and a unit",
	    "4096 is MiB in Hyper-V Manager and bytes in PowerShell: a guess would be wrong by a factor of a "
	    "million.",
	    TYPE_CHAPTER, LAB "    memory: 4096\n", LAB "    memory: 4096 MiB\n"),
	ROW(DURATION, "0110", "duration", "a duration that is not whole digits and a unit", NOTHING_GUESSED,
	    TYPE_CHAPTER, LAB "shutdown:\n  on_idle: 15\n", LAB "shutdown:\n  on_idle: 15m\n"),
	ROW(TIME, "0111", "time", "a time of day that is not HH:MM of 24 hours", NOTHING_GUESSED,
	    TYPE_CHAPTER,
	    LAB "schedule:\n  - { days: [monday], start: 9:00, stop: 12:00, time_zone: Europe/Berlin }\n",
	    LAB "schedule:\n  - { days: [monday], start: 09:00, stop: 12:00, time_zone: Europe/Berlin }\n"),
	ROW(DATE, "0112", "date", "a date that is not YYYY-MM-DD or no real day", NOTHING_GUESSED,
	    TYPE_CHAPTER,
	    LAB "schedule:\n  - { days: [monday], start: 09:00, stop: 12:00, time_zone: UTC, until: "
		"2027-02-30 }\n",
	    LAB "schedule:\n  - { days: [monday], start: 09:00, stop: 12:00, time_zone: UTC, until: "
		"2027-02-28 }\n"),
	ROW(IPV4, "0113", "ipv4", "a text that is not an IPv4 address of four decimal parts",
	    "Shortened and octal addresses are read differently by different programs.", TYPE_CHAPTER,
	    LAB "    address: 192.168.0.256\n", LAB "    address: 192.168.0.10\n"),
	ROW(PREFIX, "0114", "prefix", "a text that is not a network and its length, host bits zero",
	    "New-NetNat refuses a prefix with host bits.",
	    "https://learn.microsoft.com/powershell/module/netnat/new-netnat",
	    DEMO "host:\n  size: Standard_D8s_v5\n  network: { subnet: 192.168.10.5/24 }\n" GUEST,
	    DEMO "host:\n  size: Standard_D8s_v5\n  network: { subnet: 192.168.10.0/24 }\n" GUEST),
	ROW(RANGE, "0115", "address-range", "a text that is not two addresses, the lower first",
	    "Add-DhcpServerv4Scope refuses a range that ends before it starts.",
	    "https://learn.microsoft.com/powershell/module/dhcpserver/add-dhcpserverv4scope",
	    "labc: 1\nname: demo\ntarget: hyper-v\nhost:\n  size: Standard_D8s_v5\n  network:\n    subnet: 192.168.0.0/24\n    dhcp: { range: 192.168.0.200-192.168.0.100 "
		 "}\n" GUEST,
	    "labc: 1\nname: demo\ntarget: hyper-v\nhost:\n  size: Standard_D8s_v5\n  network:\n    subnet: 192.168.0.0/24\n    dhcp: { range: 192.168.0.100-192.168.0.200 "
		 "}\n" GUEST),
	ROW(PORT, "0116", "port", "a port outside 1 to 65535", "A port has 16 bits, and 0 is none.",
	    "https://learn.microsoft.com/powershell/module/netnat/add-netnatstaticmapping",
	    LAB "    ports:\n      - { external: 65536, internal: 80 }\n",
	    LAB "    ports:\n      - { external: 8080, internal: 80 }\n"),
	ROW(PORT_MAPPING, "0117", "port-mapping", "a text that is not EXTERNAL:INTERNAL[/PROTOCOL] or PORT",
	    "WinNAT maps one port of one protocol at a time.",
	    "https://learn.microsoft.com/powershell/module/netnat/add-netnatstaticmapping",
	    LAB "    ports: [\"22-25\"]\n", LAB "    ports: [\"2222:22\", \"2525:25\"]\n"),
	ROW(NAME, "0118", "name", "a name with other than letters, digits and hyphens",
	    "Names become file names, machine names and names of resources: what one of them refuses, fails "
	    "late.",
	    "SPEC.md#names", DEMO HOST "guests:\n  web_01:\n    os: debian-12\n",
	    DEMO HOST "guests:\n  web-01:\n    os: debian-12\n"),
	ROW(ENUM, "0119", "word", "a word that the field does not have",
	    "Words are exact: a near miss must not become the default in silence.", TYPE_CHAPTER,
	    LAB "    automatic_stop: ShutDown\n", LAB "    automatic_stop: shutdown\n"),
	ROW(PATH, "0120", "windows-path", "a text that is not an absolute path of Windows",
	    "A relative path depends on where the script is started; reserved names cannot be created.",
	    "https://learn.microsoft.com/windows/win32/fileio/naming-a-file",
	    DEMO "host:\n  size: Standard_D8s_v5\n  data: D:/labs\n" GUEST,
	    DEMO "host:\n  size: Standard_D8s_v5\n  data: F:\\labs\n" GUEST),
	ROW(URL, "0121", "url", "a text that is not a URL with http or https",
	    "The scripts download with Windows' own means, which know these two.", TYPE_CHAPTER,
	    LAB "targets:\n  devtest-labs:\n    artifact_repository: ftp://example.org/artifacts\n",
	    LAB "targets:\n  devtest-labs:\n    artifact_repository: https://example.org/artifacts.git\n"),
	ROW(SOURCE, "0122", "image-source", "a source that is neither a Windows path nor a URL",
	    "The script runs on the host: it finds absolute paths there, and what a URL names.", TYPE_CHAPTER,
	    LAB "images:\n  debian-12: { source: images/debian.vhdx }\n",
	    LAB "images:\n  debian-12: { source: 'C:\\labs\\debian.vhdx' }\n"),
	ROW(SHA256, "0123", "sha256", "a checksum that is not 64 hexadecimal digits",
	    "A checksum that cannot match stops every download.", TYPE_CHAPTER,
	    LAB "images:\n  debian-12:\n    source: https://example.org/debian.vhdx\n    sha256: 9f86d081\n",
	    LAB "images:\n  debian-12:\n    source: https://example.org/debian.vhdx\n"
		"    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"),
	ROW(MAC, "0124", "mac-address", "a text that is not a MAC address of one machine",
	    "Hyper-V refuses it when the adapter is made.",
	    "https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadapter",
	    LAB "    nics: [{ mac: 00:15:5d:00:0a }]\n", LAB "    nics: [{ mac: 00:15:5d:00:00:0a }]\n"),
	ROW(EMAIL, "0125", "e-mail", "a text that is not an e-mail address",
	    "Lab Services sends invitations to these addresses.",
	    "https://learn.microsoft.com/azure/lab-services/how-to-manage-lab-users", LAB "users: [ann]\n",
	    LAB "users: [ann@example.org]\n"),
	ROW(USER, "0126", "user-name", "a user name that Windows or Linux refuses",
	    "The account is created by the scripts; a name it cannot have stops them.",
	    "https://learn.microsoft.com/azure/virtual-machines/windows/faq", LAB "    user: \"lab user\"\n",
	    LAB "    user: labuser\n"),
	ROW(LOCALE, "0128", "language-tag", "a text that is not a language tag such as en-US",
	    "Windows and cloud-init choose language and formats by it.",
	    "https://www.rfc-editor.org/info/bcp47", LAB "locale: de_DE\n", LAB "locale: de-DE\n"),
	ROW(RESOURCE_ID, "0129", "resource-id", "a text that is not the resource ID of something in Azure",
	    "The deployment fails when the ID names nothing.",
	    "https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource",
	    LAB "targets:\n  lab-services:\n    lab_plan: my-plan\n",
	    LAB "targets:\n  lab-services:\n    lab_plan: "
		"/subscriptions/SUB/resourceGroups/school/providers/Microsoft.LabServices/labPlans/plan\n"),
	ROW(TEXT, "0130", "text", "a text that is too long, or has several lines where one is wanted",
	    "It becomes a name or a title, which have one line and a limit.", TYPE_CHAPTER,
	    DEMO "title: \"Web\\n  \\nlab\"\n" HOST GUEST, DEMO "title: Web lab\n" HOST GUEST),
	ROW(DECIMAL, "0131", "amount", "a text that is not an amount of money", NOTHING_GUESSED, TYPE_CHAPTER,
	    LAB "quota: { budget: 5000 USD }\n", LAB "quota: { budget: 5000, currency: USD }\n"),
	ROW(CURRENCY, "0132", "currency", "a text that is not the three letters of a currency",
	    NOTHING_GUESSED, "https://www.iso.org/iso-4217-currency-codes.html",
	    LAB "quota: { budget: 5000, currency: usd }\n", LAB "quota: { budget: 5000, currency: USD }\n"),
	ROW(HTTP, "0133", "http-test", "a web test that is not [:PORT]/PATH",
	    "The guest is known: only port and path are missing for a request.", "SPEC.md#test",
	    LAB "    tests: [{ http: http://web/ }]\n", LAB "    tests: [{ http: / }]\n"),
	ROW(FILE, "0134", "file", "an empty path", NOTHING_GUESSED, TYPE_CHAPTER,
	    LAB "users: { file: \"\" }\n", LAB "users: { file: students.txt }\n"),
	ROW(TAG, "0135", "tag-mismatch", "a YAML tag that does not agree with the field",
	    "The field decides the type; a tag that says otherwise is a mistake in one of the two.",
	    TYPE_CHAPTER, LAB "    vcpus: !!str 2\n", LAB "    vcpus: 2\n"),
	[CODE_FOLDED] = { .code = "LAB0136",
			  .severity = SEV_WARNING,
			  .name = "folded-text",
			  .summary = "a plain value that goes on over line breaks",
			  .why = "YAML joins such lines with a blank; most often a colon or a dash is "
				 "missing in the second.",
			  .source = TYPE_CHAPTER,
			  .bad = DEMO "title: Web\n  lab\n" HOST GUEST,
			  .good = DEMO "title: Web lab\n" HOST GUEST },
	ROW(DUPLICATE_NAME, "0137", "duplicate-name", "two names that differ in case alone",
	    "Windows and Azure compare names ignoring case: the second machine would be the first.",
	    "SPEC.md#names", LAB "  Web:\n    os: debian-12\n", LAB "  web-2:\n    os: debian-12\n"),
	ROW(UNKNOWN_PROFILE, "0138", "unknown-profile", "a profile that is not under profiles",
	    "The guest would lack everything that the profile was to bring.", REUSE_CHAPTER,
	    DEMO HOST "profiles:\n  server: { os: debian-12 }\nguests:\n  web:\n    profile: sever\n",
	    DEMO HOST "profiles:\n  server: { os: debian-12 }\nguests:\n  web:\n    profile: server\n"),
	ROW(HOST_AND_HOSTS, "0139", "host-and-hosts", "both ways to write hosts in one lab",
	    "Guests at the top belong to the one host; beside several hosts they belong to none.",
	    "SPEC.md#top", LAB "hosts:\n  other:\n    size: Standard_D8s_v5\n", LAB),
	ROW(NO_HOST, "0140", "no-host", "a lab without a machine that runs its guests",
	    "Guests need a host, and a host its size.", "SPEC.md#top", DEMO GUEST, LAB),
	ROW(NOT_BOTH, "0141", "not-both", "two fields that exclude each other", "Only one of them can hold.",
	    "SPEC.md#guest", LAB "    network: nat\n    nics: [{ network: nat }]\n",
	    LAB "    nics: [{ network: nat }]\n"),
	ROW(ONE_OF, "0142", "one-of", "a test with no check, or with more than one",
	    "A student must be able to tell which check failed.", "SPEC.md#test",
	    LAB "    tests: [{ tcp: 80, http: / }]\n", LAB "    tests: [{ tcp: 80 }, { http: / }]\n"),
	ROW(INCLUDE_FILE, "0143", "include-file", "a file under include that cannot be read",
	    "What it would bring is missing from every guest that relies on it.", REUSE_CHAPTER,
	    LAB "include: [../common.yaml]\n", NULL),
	ROW(INCLUDE_CONFLICT, "0144", "include-conflict", "the same thing set in two files",
	    "Which one holds would depend on the order of reading.", REUSE_CHAPTER, NULL, NULL),
	ROW(INCLUDE_FIELD, "0145", "include-field", "a field that an included file cannot hold",
	    "Included files bring what labs share: defaults, profiles, images and hosts.", REUSE_CHAPTER,
	    NULL, NULL),
	ROW(VERSION, "0146", "version", "a version of the language that this program does not know",
	    "A later version may give words another meaning.", "SPEC.md#top",
	    "labc: 2\nname: demo\ntarget: azure-vm\n" HOST GUEST, LAB),
};

const size_t schema_codes_count = COUNTOF(schema_codes);

_Static_assert(COUNTOF(schema_codes) == CODE_COUNT, "a row for each kind of finding");
