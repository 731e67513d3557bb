"""What SkyPilot's Vast.ai provisioner does against the market of VAST_URL, its code unchanged."""
from session import show, wait_until
from sky.adaptors import vast
from sky.provision.vast import utils

offers = vast.vast().search_offers(query="gpu_name=RTX_4090 num_gpus=1", order="dph_total", limit=1)
country = offers[0]["geolocation"][-2:]

# Without a price of its own it bids the offer's min_bid, which the SDK's chunked search has set to 0: refused as invalid.
rented = utils.launch(name="sky-head", instance_type="1x-RTX_4090-16384-32768", region=country, disk_size=10,
                      image_name="debian:12", ports=None, preemptible=True, secure_only=False,
                      create_instance_kwargs={"price": 0.4}, ssh_public_key="ssh-ed25519 AAAA sky")
show("launch", rented)
show("running", wait_until("running", lambda: utils.list_instances()[str(rented)]["status"] == "RUNNING"))
show("list", [(one["name"], one["status"], one["is_bid"]) for one in utils.list_instances().values()])
show("ssh port", [port > 0 for port in utils.get_ssh_ports("sky")])
utils.stop(str(rented))
show("stopped", wait_until("stopped", lambda: utils.list_instances()[str(rented)]["status"] in ("EXITED", "STOPPED")))
utils.start(str(rented))
show("running again", wait_until("running", lambda: utils.list_instances()[str(rented)]["status"] == "RUNNING"))
utils.remove(str(rented))
show("left", utils.list_instances())
