/* Keyboard layouts: what X11 and Windows call each one, and the language tags that mean it. The tag of a locale
 * stands for the layout that is usual there. Windows identifiers after Microsoft's list of input locales
 * (https://learn.microsoft.com/windows-hardware/manufacture/desktop/default-input-locales-for-windows-language-packs). */
#include "model/catalogue.h"

#include <string.h>

const struct keyboard catalogue_keyboards[] = {
	{ "us", NULL, "0409:00000409", "en-US en en-AU en-NZ zh zh-CN zh-TW ko ko-KR vi vi-VN id id-ID" },
	{ "us", "intl", "0409:00020409", "us-intl" },
	{ "gb", NULL, "0809:00000809", "en-GB en-IE" },
	{ "ca", NULL, "0c0c:00001009", "fr-CA en-CA" },
	{ "de", NULL, "0407:00000407", "de-DE de de-AT de-LU" },
	{ "ch", NULL, "0807:00000807", "de-CH de-LI" },
	{ "ch", "fr", "100c:0000100c", "fr-CH" },
	{ "fr", NULL, "040c:0000040c", "fr-FR fr" },
	{ "be", NULL, "080c:0000080c", "fr-BE nl-BE" },
	{ "es", NULL, "0c0a:0000040a", "es-ES es ca-ES" },
	{ "latam", NULL, "080a:0000080a", "es-MX es-AR es-CL es-CO es-PE es-419" },
	{ "it", NULL, "0410:00000410", "it-IT it" },
	{ "pt", NULL, "0816:00000816", "pt-PT pt" },
	{ "br", NULL, "0416:00000416", "pt-BR" },
	{ "us", "intl", "0413:00020409", "nl-NL nl" },
	{ "dk", NULL, "0406:00000406", "da-DK da" },
	{ "no", NULL, "0414:00000414", "nb-NO nb no nn-NO" },
	{ "se", NULL, "041d:0000041d", "sv-SE sv" },
	{ "fi", NULL, "040b:0000040b", "fi-FI fi" },
	{ "is", NULL, "040f:0000040f", "is-IS" },
	{ "pl", NULL, "0415:00000415", "pl-PL" },
	{ "cz", NULL, "0405:00000405", "cs-CZ cs" },
	{ "sk", NULL, "041b:0000041b", "sk-SK" },
	{ "hu", NULL, "040e:0000040e", "hu-HU" },
	{ "ro", NULL, "0418:00010418", "ro-RO" },
	{ "bg", NULL, "0402:00030402", "bg-BG" },
	{ "hr", NULL, "041a:0000041a", "hr-HR" },
	{ "si", NULL, "0424:00000424", "sl-SI sl" },
	{ "gr", NULL, "0408:00000408", "el-GR el" },
	{ "tr", NULL, "041f:0000041f", "tr-TR" },
	{ "ru", NULL, "0419:00000419", "ru-RU" },
	{ "ua", NULL, "0422:00020422", "uk-UA uk" },
	{ "il", NULL, "040d:0002040d", "he-IL he" },
	{ "jp", NULL, "0411:{03B5835F-F03C-411B-9CE2-AA23E1171E36}{A76C93D9-5523-4E90-AAFA-4DB112F9AC76}", "ja-JP ja" },
	{ "ee", NULL, "0425:00000425", "et-EE et" },
	{ "lv", NULL, "0426:00020426", "lv-LV" },
	{ "lt", NULL, "0427:00010427", "lt-LT" },
	{ "ara", NULL, "0401:00000401", "ar-SA ar ar-AE ar-EG" },
	{ "in", NULL, "4009:00004009", "en-IN" },
};
const size_t catalogue_keyboards_count = sizeof(catalogue_keyboards) / sizeof(catalogue_keyboards[0]);

static bool has_word(const char *words, struct sv word)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		if (sv_eq_nocase((struct sv){ words, n }, word))
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

const struct keyboard *catalogue_keyboard(struct sv name)
{
	ptrdiff_t dash = sv_find(name, '-');

	for (size_t i = 0; i < catalogue_keyboards_count; i++)
		if (has_word(catalogue_keyboards[i].tags, name) || sv_eq_nocase(name, sv_from(catalogue_keyboards[i].xkb)))
			return &catalogue_keyboards[i];
	/* the usual layout of the language: "fr-LU" */
	return dash > 0 ? catalogue_keyboard(sv_sub(name, 0, (size_t)dash)) : NULL;
}
