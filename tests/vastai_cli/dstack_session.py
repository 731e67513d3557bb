"""What dstack's Vast.ai client does against the market of VAST_URL: its code unchanged, only the address is another."""
import os

import gpuhunt.providers.vastai as catalog
from dstack._internal.core.backends.vastai.api_client import VastAIAPIClient, VastAICreateInstanceError
from gpuhunt._internal.models import QueryFilter
from session import keep_pace, show, wait_until

catalog.bundles_url = os.environ["VAST_URL"] + "/api/v0/bundles/"
client = VastAIAPIClient("demo")
client.s.base_url = os.environ["VAST_URL"] + "/api/"
show("key", client.auth_test())
# The filters that dstack's backend adds.
filters = {"direct_port_count": {"gte": 1}, "reliability2": {"gte": 0.9}, "inet_down": {"gt": 128},
           "verified": {"eq": True}, "cuda_max_good": {"gte": 12.0}, "compute_cap": {"gte": 600}}
found = catalog.VastAIProvider(extra_filters=filters).get(QueryFilter(gpu_name=["RTX4090"], min_gpu_count=1, max_gpu_count=1))
show("offers", len(found) > 0, {(item.gpu_name, item.gpu_count, item.gpu_memory, item.spot) for item in found})
spot = min((item for item in found if item.spot), key=lambda item: item.price)
rented = client.create_instance("dstack", spot.instance_name, "debian:12", "sleep 1000", 10, bid=spot.provider_data["min_bid"])
show("create", rented)
show("running", wait_until("running", lambda: client.get_instance(rented)["actual_status"] == "running"))
one = keep_pace(lambda: client.get_instance(rented))
show("show", one["is_bid"], one["label"], one["image_runtype"], sorted(one["ports"] or {}))
try:
    keep_pace(lambda: client.create_instance("again", spot.instance_name, "debian:12", "sleep 1000", 10))
except VastAICreateInstanceError as error:
    show("create of a taken offer", error.resp, error.created_instance_id)
low = next(item for item in found if item.spot and item.instance_name != spot.instance_name)
try:
    keep_pace(lambda: client.create_instance("low", low.instance_name, "debian:12", "sleep 1000", 10, bid=0.001))
except VastAICreateInstanceError as error:
    show("create under the floor", error.resp)
    if error.created_instance_id:
        client.destroy_instance(error.created_instance_id)
wait_until("a destroy", lambda: client.destroy_instance(rented) is None)
show("gone", keep_pace(lambda: client.get_instance(rented)))
