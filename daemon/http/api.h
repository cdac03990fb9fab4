/* api.h - the resources beneath /api/v1: see web/openapi.json. */
#ifndef HTTP_API_H
#define HTTP_API_H

#include "http/exchange.h"

route_fn api_recordings;
route_fn api_metadata;
route_fn api_availability;
route_fn api_records;
route_fn api_envelope;
route_fn api_samples;
route_fn api_export;

/* A window as a PNG. `query` the first time: what was asked. */
struct query;
enum MHD_Result api_picture(struct exchange *exchange, const struct query *query);

/* What these keep with an exchange. NULL is allowed. */
void samples_free(struct samples *samples);
void export_free(struct export *export);

#endif
