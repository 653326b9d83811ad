#include "cli/commands.h"
enum exit_code cmd_init(const struct opts *o) { (void)o; return EXIT_USAGE; }
