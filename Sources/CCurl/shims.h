/* libcurl, its OpenSSL build, opened when it is first needed: linked in, its thirty libraries would cost every start of
 * the program some six milliseconds. curl_easy_setopt takes any number of arguments of any type, which Swift cannot call. */
#ifndef BITIM_CCURL_SHIMS_H
#define BITIM_CCURL_SHIMS_H

#include <curl/curl.h>
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* Checks the types of arguments where the compiler can see the option, which it never does here. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

typedef struct {
    CURL *(*init)(void);
    void (*cleanup)(CURL *);
    void (*reset)(CURL *);
    CURLcode (*setopt)(CURL *, CURLoption, ...);
    CURLcode (*perform)(CURL *);
    CURLcode (*getinfo)(CURL *, CURLINFO, ...);
    const char *(*strerror)(CURLcode);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
} bitim_curl;

typedef size_t (*bitim_curl_sink)(char *bytes, size_t size, size_t count, void *context);
typedef int (*bitim_curl_progress)(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

/* Returns 0, or -1 where the library or a part of it is missing, or -2 where its TLS is not OpenSSL's. */
static inline int bitim_curl_open(bitim_curl *curl) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) return -1;
    CURLcode (*global_init)(long) = (CURLcode (*)(long))dlsym(library, "curl_global_init");
    curl_version_info_data *(*version)(CURLversion) =
        (curl_version_info_data * (*)(CURLversion)) dlsym(library, "curl_version_info");
    *(void **)&curl->init = dlsym(library, "curl_easy_init");
    *(void **)&curl->cleanup = dlsym(library, "curl_easy_cleanup");
    *(void **)&curl->reset = dlsym(library, "curl_easy_reset");
    *(void **)&curl->setopt = dlsym(library, "curl_easy_setopt");
    *(void **)&curl->perform = dlsym(library, "curl_easy_perform");
    *(void **)&curl->getinfo = dlsym(library, "curl_easy_getinfo");
    *(void **)&curl->strerror = dlsym(library, "curl_easy_strerror");
    *(void **)&curl->slist_append = dlsym(library, "curl_slist_append");
    *(void **)&curl->slist_free_all = dlsym(library, "curl_slist_free_all");
    if (!global_init || !version || !curl->init || !curl->cleanup || !curl->reset || !curl->setopt || !curl->perform ||
        !curl->getinfo || !curl->strerror || !curl->slist_append || !curl->slist_free_all)
        return -1;
    /* Options are named by strings since 7.85. */
    curl_version_info_data *info = version(CURLVERSION_NOW);
    if (info->version_num < 0x075500) return -1;
    if (!info->ssl_version || strncmp(info->ssl_version, "OpenSSL/", 8) != 0) return -2;
    return global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1;
}

static inline CURLcode bitim_curl_set_long(const bitim_curl *curl, CURL *handle, CURLoption option, long value) {
    return curl->setopt(handle, option, value);
}

static inline CURLcode bitim_curl_set_large(const bitim_curl *curl, CURL *handle, CURLoption option, curl_off_t value) {
    return curl->setopt(handle, option, value);
}

static inline CURLcode bitim_curl_set_string(const bitim_curl *curl, CURL *handle, CURLoption option, const char *text) {
    return curl->setopt(handle, option, text);
}

static inline CURLcode bitim_curl_set_list(
    const bitim_curl *curl, CURL *handle, CURLoption option, struct curl_slist *list) {
    return curl->setopt(handle, option, list);
}

/* The bytes are copied. */
static inline CURLcode bitim_curl_set_body(const bitim_curl *curl, CURL *handle, const void *bytes, size_t count) {
    CURLcode code = curl->setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code == CURLE_OK ? curl->setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

static inline CURLcode bitim_curl_set_sinks(
    const bitim_curl *curl, CURL *handle, bitim_curl_sink body, bitim_curl_sink header, bitim_curl_progress progress,
    void *context) {
    CURLcode code = curl->setopt(handle, CURLOPT_WRITEFUNCTION, body);
    if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_WRITEDATA, context);
    if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_HEADERFUNCTION, header);
    if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_HEADERDATA, context);
    if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
    if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_XFERINFODATA, context);
    if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_NOPROGRESS, 0L);
    return code;
}

static inline long bitim_curl_status(const bitim_curl *curl, CURL *handle) {
    long status = 0;
    return curl->getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

#endif
