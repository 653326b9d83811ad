/* What the files of the type grammars share. */
#ifndef LABC_SCHEMA_TYPES_INTERNAL_H
#define LABC_SCHEMA_TYPES_INTERNAL_H

#include "schema/types.h"

enum pattern { PATTERN_EMAIL, PATTERN_URL, PATTERN_LOCALE, PATTERN_RESOURCE_ID, PATTERN_COUNT };

/* Whether the whole text matches. A text too hard to match within the limits does not. */
bool pattern_matches(struct patterns *p, enum pattern which, struct sv text);

/* 'text' in quotes, cut to a readable length. */
struct sv type_quoted(const struct type_in *in);
/* The value in quotes and a clause behind it: "'4096' without a unit". Always false, for `return`. */
bool type_found(const struct type_in *in, struct type_error *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Sets the fix, formatted; safe says whether it keeps what the author meant. Always false. */
bool type_fix(const struct type_in *in, struct type_error *e, bool safe, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
bool type_help(const struct type_in *in, struct type_error *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A digit of another script is in the text: explains it and returns true. */
bool type_foreign_digit(const struct type_in *in, struct type_error *e);
/* Number of ASCII digits at the start of s. */
size_t type_digits(struct sv s);
bool type_is_ipv6(struct sv s);
/* A code point in quotes for messages: '_', 'U+00E9 (e with acute)' is beyond us: 'é'. */
struct sv type_char_at(const struct type_in *in, size_t off);

bool parse_integer(const struct type_in *in, void *value, struct type_error *e);
bool parse_boolean(const struct type_in *in, void *value, struct type_error *e);
bool parse_enum(const struct type_in *in, void *value, struct type_error *e);
bool parse_size(const struct type_in *in, void *value, struct type_error *e);
bool parse_decimal(const struct type_in *in, void *value, struct type_error *e);
bool parse_duration(const struct type_in *in, void *value, struct type_error *e);
bool parse_duration_off(const struct type_in *in, void *value, struct type_error *e);
bool parse_time(const struct type_in *in, void *value, struct type_error *e);
bool parse_time_off(const struct type_in *in, void *value, struct type_error *e);
bool parse_date(const struct type_in *in, void *value, struct type_error *e);
bool parse_ipv4(const struct type_in *in, void *value, struct type_error *e);
bool parse_ipv4_auto(const struct type_in *in, void *value, struct type_error *e);
bool parse_prefix(const struct type_in *in, void *value, struct type_error *e);
bool parse_range(const struct type_in *in, void *value, struct type_error *e);
bool parse_port(const struct type_in *in, void *value, struct type_error *e);
bool parse_port_auto(const struct type_in *in, void *value, struct type_error *e);
bool parse_mac(const struct type_in *in, void *value, struct type_error *e);
bool parse_http(const struct type_in *in, void *value, struct type_error *e);
bool parse_text(const struct type_in *in, void *value, struct type_error *e);
bool parse_lab_name(const struct type_in *in, void *value, struct type_error *e);
bool parse_image_name(const struct type_in *in, void *value, struct type_error *e);
bool parse_user(const struct type_in *in, void *value, struct type_error *e);
bool parse_path(const struct type_in *in, void *value, struct type_error *e);
bool parse_url(const struct type_in *in, void *value, struct type_error *e);
bool parse_source(const struct type_in *in, void *value, struct type_error *e);
bool parse_image_ref(const struct type_in *in, void *value, struct type_error *e);
bool parse_sha256(const struct type_in *in, void *value, struct type_error *e);
bool parse_email(const struct type_in *in, void *value, struct type_error *e);
bool parse_zone(const struct type_in *in, void *value, struct type_error *e);
bool parse_locale(const struct type_in *in, void *value, struct type_error *e);
bool parse_currency(const struct type_in *in, void *value, struct type_error *e);
bool parse_resource_id(const struct type_in *in, void *value, struct type_error *e);
bool parse_file(const struct type_in *in, void *value, struct type_error *e);

#endif
