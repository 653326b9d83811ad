/* Data files for templates: JSON or YAML as values of the engine, each knowing its place in the file. */
#ifndef LABC_CLI_DATA_H
#define LABC_CLI_DATA_H

#include "ctemplate/ctemplate.h"
#include "diag/diag.h"

/* The values of a text. JSON (the name ends in .json; without a name that tells, it begins like a JSON object) is
 * read by Jansson, all else as YAML 1.2 with its core types. The root must be a map; a key given twice and a
 * number beyond 64 bits are refused. False after reporting to diags. */
bool data_read(struct ct_value *out, struct arena *a, struct diags *diags, struct sv name, struct sv text);

#endif
