#include "emit/words.h"

#include "base/buf.h"

const char *const cmdlet_disk_format[] = { [DISK_VHDX] = "VHDX", [DISK_VHD] = "VHD" };
const char *const cmdlet_disk_type[] = {
	[DISK_DYNAMIC] = "Dynamic", [DISK_FIXED] = "Fixed", [DISK_DIFFERENCING] = "Differencing"
};
const char *const cmdlet_stop[] = { [STOP_SHUTDOWN] = "ShutDown", [STOP_SAVE] = "Save", [STOP_TURN_OFF] = "TurnOff" };
const char *const cmdlet_start[] = {
	[START_NOTHING] = "Nothing", [START_IF_RUNNING] = "StartIfRunning", [START_ALWAYS] = "Start"
};
const char *const cmdlet_checkpoint[] = {
	[CHECKPOINTS_DISABLED] = "Disabled", [CHECKPOINTS_PRODUCTION] = "Production", [CHECKPOINTS_STANDARD] = "Standard"
};
const char *const cmdlet_boot_template[] = {
	[BOOT_OFF] = NULL, [BOOT_WINDOWS] = "MicrosoftWindows", [BOOT_LINUX] = "MicrosoftUEFICertificateAuthority"
};
const char *const cmdlet_protocol[] = { [PROTO_TCP] = "TCP", [PROTO_UDP] = "UDP" };
const char *const azure_weekday[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

struct sv iso_duration(struct arena *a, int64_t seconds)
{
	long long s = (long long)seconds;

	if (s && s % 3600 == 0)
		return sv_fmt(a, "PT%lldH", s / 3600);
	if (s && s % 60 == 0)
		return sv_fmt(a, "PT%lldM", s / 60);
	return sv_fmt(a, "PT%lldS", s);
}

struct sv iso_date(struct arena *a, struct v_date d)
{
	return meta_ok(d.m) ? sv_fmt(a, "%04u-%02u-%02u", d.year, d.month, d.day) : SV("");
}

struct sv clock_text(struct arena *a, struct v_time t)
{
	return sv_fmt(a, "%02u:%02u", t.v / 60u, t.v % 60u);
}
