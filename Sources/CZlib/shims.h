/* zlib. deflateInit2 is a macro, which Swift cannot import. */
#ifndef BITIM_CZLIB_SHIMS_H
#define BITIM_CZLIB_SHIMS_H

#include <string.h>
#include <zlib.h>

/* The bytes as gzip (RFC 1952) in one go; 0 where the space does not suffice. */
static inline unsigned long bitim_gzip(
    const unsigned char *bytes, unsigned long count, unsigned char *space, unsigned long capacity) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    /* A window of 32 KB, in gzip's framing. */
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (unsigned char *)bytes;
    stream.avail_in = (unsigned)count;
    stream.next_out = space;
    stream.avail_out = (unsigned)capacity;
    int code = deflate(&stream, Z_FINISH);
    unsigned long written = stream.total_out;
    deflateEnd(&stream);
    return code == Z_STREAM_END ? written : 0;
}

#endif
