"""What the official SDK does against the market of VAST_URL; printed step by step for peers.py."""
import os
import time

from session import show, wait_until
from vastai import VastAI

vast = VastAI(api_key="demo", server_url=os.environ["VAST_URL"])
offers = vast.search_offers(query="gpu_name=RTX_4090 num_gpus=1", order="dph_total", limit=3)
show("search", [sorted(offer) for offer in offers[:1]], len(offers))
show("search bids", [offer["min_bid"] <= offer["dph_base"] for offer in
                     vast.search_offers(query="gpu_name=RTX_4090 num_gpus=1", type="bid", order="dph_total", limit=3)])
made = vast.create_instance(id=offers[0]["id"], image="debian:12", disk=10, label="sdk", price=0.4,
                            onstart_cmd="echo hello", env={"A": "b", "-p 8080:8080": "1"})
show("create", made)
rented = made["new_contract"]
show("running", wait_until("running", lambda: vast.show_instance(id=rented)["actual_status"] == "running"))
show("show", sorted(vast.show_instance(id=rented)))
show("show all", [(one["label"], one["is_bid"]) for one in vast.show_instances()])
show("filters", vast.show_instance_filters())
show("logs", wait_until("a log", lambda: vast.logs(instance_id=rented, tail="5")))
show("label", vast.label_instance(id=rented, label="other"))
show("bid", vast.change_bid(id=rented, price=0.3))
show("reboot", vast.reboot_instance(id=rented))
show("stop", vast.stop_instance(id=rented))
show("start", vast.start_instance(id=rented))
user = vast.show_user()
show("user", user["credit"] > 0, sorted(user))
now = int(time.time())
charges = vast.show_invoices_v1(charges=True, start_date=str(now - 86400), end_date=str(now + 2 * 86400))
show("charges", charges)
show("invoices", vast.show_invoices_v1(invoices=True, start_date=str(now - 86400), end_date=str(now + 2 * 86400)))
show("keys", [sorted(key) for key in vast.show_api_keys()])
key = vast.create_api_key(name="narrow", permissions={"api": {"instance_read": {}}})
show("create key", sorted(key))
show("remove key", vast.delete_api_key(id=key["id"]))
show("ssh keys", [sorted(key) for key in vast.show_ssh_keys()])
show("price increases", vast.show_pending_price_increases())
show("maintenance", vast.show_maints(ids=[offers[0]["machine_id"]]))
show("volumes", vast.show_volumes())
show("env var", vast.create_env_var(name="TOK", value="abc"))
show("env vars", vast.show_env_vars())
show("deposit", vast.show_deposit(id=rented))
show("destroy", vast.destroy_instance(id=rented))
show("gone", vast.show_instance(id=rented))
