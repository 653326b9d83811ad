/* What a lab becomes on Azure where the spec leaves it open: address range, security type, names of machines.
 * Knows the lowered model; must not know templates. */
#ifndef LABC_MODEL_AZURE_H
#define LABC_MODEL_AZURE_H

#include "model/lab.h"

/* The tag every resource carries, so that destroy finds them again. */
#define AZURE_LAB_TAG "labc"

/* Limits of one deployment.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices, read on 2026-11-22 */
enum { AZURE_MAX_RESOURCES = 800, AZURE_MAX_PARAMETERS = 256, AZURE_MAX_EXPRESSION = 24576 };
#define AZURE_MAX_TEMPLATE (4u << 20)

/* The virtual network's addresses: written, or 10.0.0.0/16. Poisoned when what is written could not be read.
 */
struct v_prefix azure_vnet(const struct lab *lab);
bool azure_has_public_ip(const struct lab *lab);
/* Written, or: there has to be another way in without a public address. */
bool azure_has_bastion(const struct lab *lab);
/* Written, or: Hyper-V starts with Trusted Launch on sizes of version 5 and later only. An image of one's own
 * keeps the type it was captured with, which is nearly always standard. */
enum security_type azure_security(const struct lab_host *h);
/* The image of the spec's target, or NULL: the marketplace's for the host's system. */
const struct spec_target_image *azure_image(const struct lab *lab);
/* Whether guests live on a disk of their own: not when `data` is on the Windows or the temporary disk. */
bool azure_has_data_disk(const struct lab_host *h);
/* "kali-07" of seat 7 (from 1), the host's name when it has one seat. In the arena. */
struct sv azure_machine_name(struct arena *a, const struct lab_host *h, uint32_t seat);
/* Resources that a deployment of the whole lab makes; saturates far above every limit. */
uint64_t azure_resources(const struct lab *lab);
/* Whether somebody hands the guests' password over before the script runs: nobody is there to be asked when the start-up
 * task makes guests with accounts. On devtest-labs only an artifact can. */
bool azure_keeps_password(const struct lab_host *h);
/* When the machines stop each day; state ABSENT or off: never. */
struct v_time azure_shutdown(const struct lab *lab);

#endif
