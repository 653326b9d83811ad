/* Rows of the top and of its small sections. */
#include "schema/table.h"

static const struct field image_fields[] = {
	{ KEY("source"), TYPE_SOURCE, AT(spec_image, source), .flags = FIELD_REQUIRED,
	  .doc = "Path or URL of a .vhdx, .vhd or .iso, or of a .zip holding one.",
	  .example = "C:\\labs\\images\\jammy.vhdx" },
	{ KEY("sha256"), TYPE_SHA256, AT(spec_image, sha256),
	  .def_doc = "none; with a URL a warning asks for it", .doc = "Its checksum.",
	  .example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
	{ KEY("edition"), TYPE_TEXT, AT(spec_image, edition), .def_doc = "none",
	  .doc = "The edition to install, of Windows media.",
	  .example = "Windows Server 2022 Standard Evaluation (Desktop Experience)" },
	{ KEY("login"), TYPE_USER, AT(spec_image, login), .max = 32, .def_doc = "none",
	  .doc = "The user the image comes with.", .example = "kali" },
};
static const struct misnomer image_misnomers[] = {
	RENAME("path", "source"),
	RENAME("url", "source"),
	RENAME("checksum", "sha256"),
	RENAME("hash", "sha256"),
	RENAME("user", "login"),
	RENAME("username", "login"),
	REFUSED("password", "a password is never written in a spec: `password: image` on the guest says that "
			    "the image has one"),
};
const struct section section_image = {
	.name = "image",
	.title = "Image",
	.noun = "image",
	.size = sizeof(struct spec_image),
	.doc = "A file that guests start from, by name.",
	FIELDS(image_fields),
	MISNOMERS(image_misnomers),
};

static const struct field connection_fields[] = {
	{ KEY("from"), TYPE_LIST, AT(spec_connection, from), .item = TYPE_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_OR_ONE,
	  .doc = "Who connects: HOST, HOST/GUEST, `neighbour` (another copy of the same host), or a list of "
		 "those.",
	  .example = "lab-vm-2" },
	{ KEY("to"), TYPE_TEXT, AT(spec_connection, to), .flags = FIELD_REQUIRED,
	  .doc = "The guest: HOST/GUEST; with one host GUEST is enough.", .example = "lab-vm-1/ubuntu" },
	{ KEY("service"), TYPE_TEXT, AT(spec_connection, service), .flags = FIELD_REQUIRED,
	  .doc = "ssh, rdp, http, https, or the name of a port mapping.", .example = "ssh" },
	{ KEY("user"), TYPE_USER, AT(spec_connection, user), .max = 32, .def_doc = "the guest's",
	  .doc = "Who signs in.", .example = "user1" },
	{ KEY("note"), TYPE_TEXT, AT(spec_connection, note), .flags = FIELD_FREE, .def_doc = "none",
	  .doc = "For the handout.", .example = "first exercise" },
};
static const struct misnomer connection_misnomers[] = {
	RENAME("source", "from"),
	RENAME("target", "to"),
	RENAME("destination", "to"),
	RENAME("protocol", "service"),
	RENAME("notes", "note"),
	RENAME("username", "user"),
	REFUSED("port", "name the mapping: `service` is ssh, rdp, http, https or a mapping's name"),
};
const struct section section_connection = {
	.name = "connection",
	.title = "Connection",
	.noun = "the connection",
	.size = sizeof(struct spec_connection),
	.doc = "Who is meant to reach what: checked, and written into the students' handout.",
	FIELDS(connection_fields),
	MISNOMERS(connection_misnomers),
};

static const struct field schedule_fields[] = {
	{ KEY("days"), TYPE_LIST, AT(spec_schedule, days), .item = TYPE_ENUM, .words = &words_weekday,
	  .flags = FIELD_REQUIRED, .doc = "Days of the week.", .example = "[monday, wednesday]" },
	{ KEY("start"), TYPE_TIME, AT(spec_schedule, start), .flags = FIELD_REQUIRED,
	  .doc = "When the machines start.", .example = "09:00" },
	{ KEY("stop"), TYPE_TIME, AT(spec_schedule, stop), .flags = FIELD_REQUIRED, .doc = "When they stop.",
	  .example = "12:00" },
	{ KEY("time_zone"), TYPE_ZONE, AT(spec_schedule, time_zone), .def_doc = "the lab's",
	  .doc = "Zone of the times.", .example = "Europe/Berlin" },
	{ KEY("from"), TYPE_DATE, AT(spec_schedule, from),
	  .def_doc = "a parameter of the deployment, today by default", .doc = "First day.",
	  .example = "2027-01-11" },
	{ KEY("until"), TYPE_DATE, AT(spec_schedule, until),
	  .def_doc = "on lab-services 2027-06-28, when the service ends", .source = DOC_RETIRE,
	  .doc = "Last day.", .example = "2027-03-26" },
	{ KEY("notes"), TYPE_TEXT, AT(spec_schedule, notes), .flags = FIELD_FREE, .def_doc = "none",
	  .doc = "Shown with the schedule.", .example = "practice" },
};
static const struct misnomer schedule_misnomers[] = {
	RENAME("day", "days"),           RENAME("begin", "start"),    RENAME("end", "stop"),
	RENAME("timezone", "time_zone"), RENAME("zone", "time_zone"), RENAME("start_date", "from"),
	RENAME("end_date", "until"),     RENAME("to", "until"),       RENAME("note", "notes"),
	RENAME("start_time", "start"),   RENAME("stop_time", "stop"), RENAME("end_time", "stop"),
};
const struct section section_schedule = {
	.name = "schedule",
	.title = "Schedule",
	.noun = "the schedule",
	.size = sizeof(struct spec_schedule),
	.doc = "When the machines run.",
	FIELDS(schedule_fields),
	MISNOMERS(schedule_misnomers),
};

static const struct field quota_fields[] = {
	{ KEY("hours"), TYPE_INTEGER, AT(spec_quota, hours), .def = "0",
	  .source = DOC_LABS "how-to-manage-lab-users",
	  .doc = "Hours a student has beside the schedule; 0 means scheduled time only.", .example = "20" },
	{ KEY("students"), TYPE_INTEGER, AT(spec_quota, students), .min = 1, .def_doc = "none",
	  .doc = "Number of students.", .example = "24" },
	{ KEY("budget"), TYPE_DECIMAL, AT(spec_quota, budget), .def_doc = "none",
	  .doc = "What the class may cost; a warning when the estimate is above.", .example = "5000" },
	{ KEY("currency"), TYPE_CURRENCY, AT(spec_quota, currency), .def_doc = "that of the prices",
	  .doc = "Of the budget.", .example = "USD" },
};
static const struct misnomer quota_misnomers[] = { RENAME("seats", "students"), RENAME("users", "students"),
						   RENAME("usage", "hours"), RENAME("cost", "budget") };
const struct section section_quota = {
	.name = "quota",
	.title = "Quota",
	.noun = "the quota",
	.size = sizeof(struct spec_quota),
	.doc = "How much a class may use.",
	FIELDS(quota_fields),
	MISNOMERS(quota_misnomers),
};

#define DOC_SHUTDOWN DOC_LABS "how-to-configure-auto-shutdown-lab-plans"
static const struct field shutdown_fields[] = {
	{ KEY("on_disconnect"), TYPE_DURATION_OFF, AT(spec_shutdown, on_disconnect), .def = "15m",
	  .source = DOC_SHUTDOWN, .doc = "After students disconnect.", .example = "15m" },
	{ KEY("on_idle"), TYPE_DURATION_OFF, AT(spec_shutdown, on_idle), .def = "15m", .source = DOC_SHUTDOWN,
	  .doc = "After nothing was done.", .example = "15m" },
	{ KEY("when_not_connected"), TYPE_DURATION_OFF, AT(spec_shutdown, when_not_connected), .def = "15m",
	  .source = DOC_SHUTDOWN, .doc = "After a start to which nobody connected.", .example = "off" },
};
static const struct misnomer shutdown_misnomers[] = { RENAME("idle", "on_idle"),
						      RENAME("disconnect", "on_disconnect"),
						      RENAME("no_connect", "when_not_connected") };
const struct section section_shutdown = {
	.name = "shutdown",
	.title = "Automatic shutdown",
	.noun = "the shutdown",
	.size = sizeof(struct spec_shutdown),
	.doc = "When machines stop by themselves.",
	FIELDS(shutdown_fields),
	MISNOMERS(shutdown_misnomers),
};

static const struct field users_fields[] = {
	{ KEY("list"), TYPE_LIST, AT(spec_users, list), .item = TYPE_EMAIL, .flags = FIELD_SHORT_ONLY,
	  .def_doc = "none", .doc = "The addresses; normally written as `users: [...]`.",
	  .example = "[ann@example.org]" },
	{ KEY("file"), TYPE_FILE, AT(spec_users, file), .flags = FIELD_REQUIRED,
	  .doc = "A file with one address a line, beside the spec or in a folder below. Empty lines and lines that begin "
		 "with # are left out.", .example = "students.txt" },
};
static const struct misnomer users_misnomers[] = { RENAME("path", "file") };
const struct section section_users = {
	.name = "users",
	.title = "Users",
	.noun = "the users",
	.size = sizeof(struct spec_users),
	.doc = "A list of e-mail addresses, or `file:`.",
	FIELDS(users_fields),
	MISNOMERS(users_misnomers),
	.short_form = SHORT_LIST,
	.short_key = "list",
};

static const struct field defaults_fields[] = {
	{ KEY("host"), TYPE_SECTION, AT(spec_defaults, host), .section = &section_host, .def_doc = "none",
	  .doc = "Under every host.", .example = "{ os: windows-11 }" },
	{ KEY("guest"), TYPE_SECTION, AT(spec_defaults, guest), .section = &section_guest, .def_doc = "none",
	  .doc = "Under every guest.", .example = "{ memory: 4 GiB }" },
	{ KEY("network"), TYPE_SECTION, AT(spec_defaults, network), .section = &section_network,
	  .def_doc = "none", .doc = "Under every NAT network.", .example = "{ subnet: 192.168.10.0/24 }" },
	{ KEY("port"), TYPE_SECTION, AT(spec_defaults, port), .section = &section_port, .def_doc = "none",
	  .doc = "Under every port mapping.", .example = "{ protocol: tcp }" },
};
static const struct misnomer defaults_misnomers[] = {
	RENAME("hosts", "host"),
	RENAME("guests", "guest"),
	RENAME("networks", "network"),
	RENAME("ports", "port"),
	MOVED("memory", "defaults.guest.memory"),
	MOVED("vcpus", "defaults.guest.vcpus"),
	MOVED("os", "defaults.guest.os or defaults.host.os"),
	MOVED("size", "defaults.host.size"),
	MOVED("disk", "defaults.guest.disk"),
};
const struct section section_defaults = {
	.name = "defaults",
	.title = "Defaults",
	.noun = "the defaults",
	.size = sizeof(struct spec_defaults),
	.doc = "Fields that stand under every item that does not have them.",
	FIELDS(defaults_fields),
	MISNOMERS(defaults_misnomers),
};

/* --- the top --- */

#define ROW_LABC                                                                                             \
	{                                                                                                    \
		KEY("labc"), TYPE_INTEGER, AT(spec_lab, labc), .flags = FIELD_REQUIRED, .min = 1, .max = 1,  \
							       .doc = "Version of the language.",            \
							       .example = "1"                                \
	}
#define ROW_DEFAULTS                                                                                         \
	{                                                                                                    \
		KEY("defaults"), TYPE_SECTION, AT(spec_lab, defaults),                                       \
			.section = &section_defaults, .def_doc = "none",                                     \
			.doc = "Fields merged under every host, guest, NAT network and port mapping.",       \
			.example = "{ guest: { memory: 4 GiB } }"                                            \
	}
#define ROW_PROFILES                                                                                         \
	{                                                                                                    \
		KEY("profiles"), TYPE_SECTION_MAP, AT(spec_lab, profiles),                                   \
			.section = &section_guest, .item = TYPE_NAME, .def_doc = "none",                     \
			.doc = "Named sets of guest fields, used by `profile`.",                             \
			.example = "{ server: { os: debian-12, memory: 2 GiB } }"                            \
	}
#define ROW_IMAGES                                                                                           \
	{                                                                                                    \
		KEY("images"), TYPE_SECTION_MAP, AT(spec_lab, images),                                       \
			.section = &section_image, .item = TYPE_IMAGE_NAME, .def_doc = "none",               \
			.doc = "Files that guests start from, by name; one named like an `os` serves every " \
			       "guest with it.",                                                             \
			.example = "{ ubuntu-22.04: { source: 'C:\\labs\\images\\jammy.vhdx' } }"            \
	}
#define ROW_HOSTS                                                                                            \
	{                                                                                                    \
		KEY("hosts"), TYPE_SECTION_MAP, AT(spec_lab, hosts),                                         \
			.section = &section_host, .item = TYPE_NAME, .flags = FIELD_UNIQUE,                  \
			.def_doc = "`host` and `guests`",                                                    \
			.doc = "The hosts, by name, each with its guests.",                                  \
			.example = "{ lab-vm-1: { size: Medium (Nested virtualization), guests: { web: { "   \
				   "os: debian-12 } } } }"                                                   \
	}

static const struct field top_fields[] = {
	ROW_LABC,
	{ KEY("name"), TYPE_NAME, AT(spec_lab, name), .flags = FIELD_REQUIRED,
	  .doc = "Name of the lab: of resources, of the scripts' tag and of output files.",
	  .example = "first-lab" },
	{ KEY("title"), TYPE_TEXT, AT(spec_lab, title), .def_doc = "`name`", .doc = "What people read.",
	  .example = "Networking with GNS3" },
	{ KEY("description"), TYPE_TEXT, AT(spec_lab, description), .flags = FIELD_FREE, .def_doc = "none",
	  .doc = "What the lab is for.", .example = "Twelve evenings at the prompt." },
	{ KEY("target"), TYPE_ENUM, AT(spec_lab, target), .words = &words_target,
	  .def_doc = "lab-services, with a note to write it down", .source = DOC_RETIRE,
	  .doc = "Where the lab runs.", .example = "lab-services" },
	{ KEY("host"), TYPE_SECTION, AT(spec_lab, host), .section = &section_single_host,
	  .def_doc = "`hosts`", .doc = "The one host; its guests stand in `guests`.",
	  .example = "{ size: Medium (Nested virtualization) }" },
	{ KEY("guests"), TYPE_SECTION_MAP, AT(spec_lab, guests), .section = &section_guest, .item = TYPE_NAME,
	  .flags = FIELD_UNIQUE, .def_doc = "none", .doc = "Guests of the one host, by name, in start order.",
	  .example = "{ ubuntu: { os: ubuntu-22.04 } }" },
	ROW_HOSTS,
	ROW_DEFAULTS,
	ROW_PROFILES,
	ROW_IMAGES,
	{ KEY("time_zone"), TYPE_ZONE, AT(spec_lab, time_zone), .def = "UTC", .source = DOC_SPEC "top",
	  .doc = "Zone of hosts, guests and schedules; a schedule wants one written.",
	  .example = "Europe/Berlin" },
	{ KEY("locale"), TYPE_LOCALE, AT(spec_lab, locale), .def = "en-US", .source = DOC_SPEC "top",
	  .doc = "Language and region of hosts and guests.", .example = "de-DE" },
	{ KEY("keyboard"), TYPE_TEXT, AT(spec_lab, keyboard), .max = 100, .def_doc = "the locale's",
	  .doc = "Keyboard layout of hosts and guests.", .example = "de-DE" },
	{ KEY("include"), TYPE_LIST, AT(spec_lab, include), .item = TYPE_FILE, .def_doc = "none",
	  .doc = "Files whose `defaults`, `profiles`, `images` and `hosts` are merged; paths are relative "
		 "and stay below the folder.",
	  .example = "[common.yaml]" },
	{ KEY("connections"), TYPE_SECTION_LIST, AT(spec_lab, connections), .section = &section_connection,
	  .def_doc = "none", .doc = "Who is meant to reach what.",
	  .example = "[{ from: lab-vm-2, to: lab-vm-1/ubuntu, service: ssh }]" },
	{ KEY("schedule"), TYPE_SECTION_LIST, AT(spec_lab, schedule), .section = &section_schedule,
	  .def_doc = "none", .doc = "When the machines run.",
	  .example = "[{ days: [monday], start: 09:00, stop: 12:00 }]" },
	{ KEY("quota"), TYPE_SECTION, AT(spec_lab, quota), .section = &section_quota,
	  .def_doc = "hours 0, rest none", .doc = "How much a class may use.",
	  .example = "{ hours: 20, students: 24 }" },
	{ KEY("shutdown"), TYPE_SECTION, AT(spec_lab, shutdown), .section = &section_shutdown,
	  .def_doc = "15m each", .doc = "When machines stop by themselves.", .example = "{ on_idle: 20m }" },
	{ KEY("users"), TYPE_SECTION, AT(spec_lab, users), .section = &section_users, .def_doc = "none",
	  .doc = "The students' addresses.", .example = "[ann@example.org]" },
	{ KEY("tags"), TYPE_TEXT_MAP, AT(spec_lab, tags), .def_doc = "none",
	  .doc = "Tags of the Azure resources.", .example = "{ course: net-1 }" },
	{ KEY("targets"), TYPE_SECTION, AT(spec_lab, targets), .section = &section_targets, .def_doc = "none",
	  .doc = "What only one target understands, under its own name.",
	  .example = "{ azure-vm: { region: westeurope } }" },
};
static const struct misnomer top_misnomers[] = {
	RENAME("version", "labc"),
	RENAME("vms", "guests"),
	RENAME("machines", "guests"),
	RENAME("servers", "hosts"),
	RENAME("nodes", "guests"),
	RENAME("timezone", "time_zone"),
	RENAME("includes", "include"),
	RENAME("schedules", "schedule"),
	RENAME("students", "users"),
	RENAME("platform", "target"),
	RENAME("provider", "target"),
	RENAME("language", "locale"),
	RENAME("keymap", "keyboard"),
	RENAME("labels", "tags"),
	MOVED("networks", "host.networks"),
	MOVED("network", "host.network"),
	MOVED("ports", "guests.NAME.ports"),
	MOVED("size", "host.size"),
	MOVED("region",
	      "targets.lab-services.region, targets.azure-vm.region or targets.devtest-labs.region"),
	MOVED("location",
	      "targets.lab-services.region, targets.azure-vm.region or targets.devtest-labs.region"),
	MOVED("lab_plan", "targets.lab-services.lab_plan"),
	MOVED("seats", "host.seats"),
	MOVED("hours", "quota.hours"),
	MOVED("budget", "quota.budget"),
	MOVED("profile", "guests.NAME.profile"),
	MOVED("os", "guests.NAME.os or host.os"),
	MOVED("memory", "guests.NAME.memory"),
	MOVED("vcpus", "guests.NAME.vcpus"),
	REFUSED("password", "a password is never written in a spec: it is a parameter of the deployment"),
	REFUSED("secrets", "nothing secret is written in a spec: passwords are parameters of the deployment"),
};
const struct section section_top = {
	.name = "top",
	.title = "Top",
	.noun = "the lab",
	.size = sizeof(struct spec_lab),
	.doc = "The keys of a lab file.",
	FIELDS(top_fields),
	MISNOMERS(top_misnomers),
};

static const struct field include_fields[] = { ROW_LABC, ROW_DEFAULTS, ROW_PROFILES, ROW_IMAGES, ROW_HOSTS };
const struct section section_include = {
	.name = "include",
	.title = "Included file",
	.noun = "the included file",
	.size = sizeof(struct spec_lab),
	.doc = "What a file named under `include` may hold.",
	FIELDS(include_fields),
};
