// The least a libcurl program can do: fetches each URL named in a file, in order, on one handle
// (so over one connection a host), and drops the bytes.
//
//   bare_get FILE [CA-FILE]
//
// Linked like touchstone-verify. Nothing is checked but that each answer is there and has status
// 200 or, where the verifier asks for what a registry may lack, 404.
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

static size_t drop(char* bytes, size_t size, size_t count, void* total) {
  (void)bytes;
  *(size_t*)total += size * count;
  return size * count;
}

int main(int argc, char** argv) {
  FILE* list = argc > 1 ? fopen(argv[1], "r") : NULL;
  if (list == NULL) {
    fprintf(stderr, "usage: bare_get FILE [CA-FILE]\n");
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* handle = curl_easy_init();
  struct curl_slist* headers = curl_slist_append(
      NULL,
      "Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json,"
      " application/vnd.docker.distribution.manifest.v2+json, */*");
  size_t total = 0;
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &total);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  if (argc > 2) curl_easy_setopt(handle, CURLOPT_CAINFO, argv[2]);

  char url[4096];
  while (fgets(url, sizeof url, list) != NULL) {
    url[strcspn(url, "\n")] = '\0';
    curl_easy_setopt(handle, CURLOPT_URL, url);
    long status = 0;
    const CURLcode result = curl_easy_perform(handle);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || (status != 200 && status != 404)) {
      fprintf(stderr, "bare_get: %s: %s, status %ld\n", url, curl_easy_strerror(result), status);
      return 1;
    }
  }
  printf("%zu\n", total);
  fclose(list);
  curl_slist_free_all(headers);
  curl_easy_cleanup(handle);
  curl_global_cleanup();
  return 0;
}
