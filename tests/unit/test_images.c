/* The catalogue of images: sound rows, names of files, the line that converts. */
#include <string.h>

#include <check.h>

#include "base/bug.h"
#include "model/images.h"

Suite *test_images_suite(void);

static bool is_https(const char *s) { return sv_starts(sv_from(s), SV("https://")); }

START_TEST(rows_are_whole)
{
	for (int i = 0; i < OS_COUNT; i++) {
		const struct os_image *m = &os_images[i];
		const struct os_info *o = &os_table[i];

		if (o->flags & OSF_GENERIC) {
			ck_assert_ptr_null(m->what);
			continue;
		}
		ck_assert_msg(m->what && m->page && m->file, "%s", o->id);
		ck_assert_msg(is_https(m->page), "%s", o->id);
		ck_assert_msg(!m->checksums || is_https(m->checksums), "%s", o->id);
		ck_assert_msg(!m->source == !m->date && (!m->source || is_https(m->source)), "%s", o->id);
		/* the disk has to start in the generation that a guest of this system gets */
		ck_assert_msg(m->generations & o->generation, "%s", o->id);
		/* what sets a guest up by default has to be in the disk */
		ck_assert_msg((o->configure == CONFIGURE_CLOUD_INIT) == m->cloud_init, "%s", o->id);
		ck_assert_msg((o->configure == CONFIGURE_UNATTEND) == (m->editions != NULL), "%s", o->id);
		/* a disk with cloud-init lets nobody in without it */
		ck_assert_msg(!m->cloud_init || (m->login && !m->password), "%s", o->id);
		/* a page for figures that stand there; a medium that is not packed lies there as it comes */
		ck_assert_msg(!m->sizes || (is_https(m->sizes) && m->download_mib), "%s", o->id);
		ck_assert_msg(!m->disk_mib || m->disk_mib >= m->download_mib, "%s", o->id);
		ck_assert_msg(m->pack != PACK_NONE || m->form != FORM_ISO || m->disk_mib == m->download_mib, "%s", o->id);
		/* the name of the file says the same as the row */
		struct image_name n = image_name(sv_from(m->file));
		ck_assert_msg(n.pack == m->pack, "%s", o->id);
		if (m->pack == PACK_NONE && o->id[0] != 'u')
			ck_assert_msg(n.form == m->form, "%s", o->id);
	}
}
END_TEST

static const struct {
	const char *path;
	enum image_form form;
	enum image_pack pack;
	const char *suffix, *stem;
} names[] = {
	{ "C:\\labs\\ubuntu.vhdx", FORM_VHDX, PACK_NONE, ".vhdx", "ubuntu" },
	{ "C:\\labs.img\\ubuntu", FORM_COUNT, PACK_NONE, "", "ubuntu" },
	{ "https://x.example/a/b-1.2.QCOW2?sig=1.zip", FORM_QCOW2, PACK_NONE, ".QCOW2", "b-1.2" },
	{ "https://x.example/jammy-azure.vhd.tar.gz#x", FORM_VHD, PACK_TAR_GZ, ".vhd.tar.gz", "jammy-azure" },
	{ "kali-linux-2024.3-hyperv-amd64.7z", FORM_COUNT, PACK_7Z, ".7z", "kali-linux-2024.3-hyperv-amd64" },
	{ "OPNsense-25.1-nano-amd64.img.bz2", FORM_RAW, PACK_BZ2, ".img.bz2", "OPNsense-25.1-nano-amd64" },
	{ "x.tgz", FORM_COUNT, PACK_TAR_GZ, ".tgz", "x" },
	{ ".vhdx", FORM_COUNT, PACK_NONE, "", ".vhdx" },
	{ "", FORM_COUNT, PACK_NONE, "", "" },
	{ "appliance.ova", FORM_OVA, PACK_NONE, ".ova", "appliance" },
};

START_TEST(names_say_what_a_file_is)
{
	struct image_name n = image_name(sv_from(names[_i].path));

	ck_assert_int_eq(n.form, names[_i].form);
	ck_assert_int_eq(n.pack, names[_i].pack);
	ck_assert(sv_eq(n.suffix, sv_from(names[_i].suffix)));
	ck_assert(sv_eq(n.stem, sv_from(names[_i].stem)));
}
END_TEST

static const struct {
	enum guest_os os;
	enum image_form as;
	uint64_t mib;
	bool least;
} sizes[] = {
	{ OS_WINDOWS_SERVER_2022, FORM_COUNT, 4810, false },
	{ OS_WINDOWS_SERVER_2022, FORM_ISO, 4810, false },
	{ OS_WINDOWS_SERVER_2022, FORM_VHDX, 0, false }, /* installed from it: as large as it gets */
	{ OS_UBUNTU_22_04, FORM_COUNT, 654, true },      /* a .vhdx made of a qcow2 */
	{ OS_UBUNTU_22_04, FORM_VHDX, 654, true },
	{ OS_UBUNTU_22_04, FORM_ISO, 0, false },
	{ OS_METASPLOITABLE_2, FORM_VHDX, 1830, true },
	{ OS_GNS3_VM, FORM_VHDX, 1500, true }, /* at least its archive */
	{ OS_RHEL_9, FORM_VHDX, 0, true },
	{ OS_OTHER_LINUX, FORM_VHDX, 0, false },
};

START_TEST(sizes_are_those_of_what_lies_there)
{
	bool least = !sizes[_i].least;

	ck_assert_uint_eq(image_bytes(&os_images[sizes[_i].os], sizes[_i].as, &least), sizes[_i].mib << 20);
	ck_assert_int_eq(least, sizes[_i].least);
}
END_TEST

START_TEST(published_files_are_known_by_their_names)
{
	const struct os_image *gns3 = &os_images[OS_GNS3_VM], *ubuntu = &os_images[OS_UBUNTU_22_04];
	const struct os_image *fedora = &os_images[OS_FEDORA];

	ck_assert(image_is_published(gns3, SV("https://example.org/v2.2.54/gns3.vm.hyper-v.2.2.54.zip?download=1")));
	ck_assert(!image_is_published(gns3, SV("https://example.org/GNS3.VM.VirtualBox.2.2.54.zip")));
	ck_assert(!image_is_published(gns3, SV("C:\\GNS3.VM.Hyper-V.2.2.54.zip\\disk.vhdx")));
	ck_assert(image_is_published(ubuntu, SV("D:\\ubuntu-22.04-server-cloudimg-amd64.img")));
	ck_assert(!image_is_published(ubuntu, SV("D:\\ubuntu-22.04-server-cloudimg-amd64.img.vhdx")));
	ck_assert(image_is_published(fedora, SV("Fedora-Cloud-Base-Generic-43-1.6.x86_64.x86_64.qcow2")));
	ck_assert(!image_is_published(&os_images[OS_OTHER_LINUX], SV("x.vhdx")));
	ck_assert(!image_is_published(NULL, SV("x.vhdx")));
}
END_TEST

static const struct {
	enum image_pack pack;
	enum image_form form;
	const char *in, *text;
} conversions[] = {
	{ PACK_NONE, FORM_QCOW2, "debian.qcow2", "`qemu-img convert -O vhdx -o subformat=dynamic debian.qcow2 d.vhdx`" },
	{ PACK_ZIP, FORM_VMDK, "My Disk.vmdk",
	  "unpack the .zip, then `qemu-img convert -O vhdx -o subformat=dynamic \"My Disk.vmdk\" d.vhdx`" },
	{ PACK_7Z, FORM_VHDX, "kali.vhdx", "unpack the .7z, with 7-Zip for example" },
	{ PACK_BZ2, FORM_ISO, "dvd.iso", "unpack the .bz2, with 7-Zip for example" },
	{ PACK_NONE, FORM_OVA, "a.vmdk",
	  "unpack the .ova, which is a tar archive, then convert the .vmdk in it: `qemu-img convert -O vhdx -o "
	  "subformat=dynamic a.vmdk d.vhdx`" },
	{ PACK_NONE, FORM_VHDX, "a.vhdx", "" },
};

START_TEST(conversion_is_a_line_to_paste)
{
	struct buf b = { 0 };

	image_convert_text(&b, conversions[_i].pack, conversions[_i].form, sv_from(conversions[_i].in), SV("d.vhdx"));
	ck_assert_msg(sv_eq(buf_view(&b), sv_from(conversions[_i].text)), SV_FMT, SV_ARG(buf_view(&b)));
	buf_release(&b);
}
END_TEST

Suite *test_images_suite(void)
{
	Suite *s = suite_create("images");
	TCase *c = tcase_create("images");

	tcase_add_test(c, rows_are_whole);
	tcase_add_loop_test(c, names_say_what_a_file_is, 0, COUNTOF(names));
	tcase_add_loop_test(c, sizes_are_those_of_what_lies_there, 0, COUNTOF(sizes));
	tcase_add_test(c, published_files_are_known_by_their_names);
	tcase_add_loop_test(c, conversion_is_a_line_to_paste, 0, COUNTOF(conversions));
	suite_add_tcase(s, c);
	return s;
}
