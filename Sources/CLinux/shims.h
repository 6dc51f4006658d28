/* Linux calls that Swift's Glibc module leaves out, because they stand behind _GNU_SOURCE. */
#ifndef BITIM_CLINUX_SHIMS_H
#define BITIM_CLINUX_SHIMS_H

/* syncfs(2) */
int syncfs(int descriptor);

#endif
