/* The limits Azure has for a template as a whole, checked on the text that would be written. */
#ifndef LABC_EMIT_LIMITS_H
#define LABC_EMIT_LIMITS_H

#include "model/lab.h"

/* Reports a template of more than 4 MB, or one with an expression of more than 24,576 characters, at the lab's
 * name. One pass over the text. False after reporting. */
bool limits_hold(const struct lab *lab, struct sv path, struct sv text);

#endif
