"""The addresses that agents ask, on every organization's host."""

from django.urls import path

from resets.writeback import api

urlpatterns = [
    path("enrol", api.enrol, name="agent-enrol"),
    path("heartbeat", api.heartbeat, name="agent-heartbeat"),
    path("check", api.check, name="agent-check"),
    path("wait", api.wait, name="agent-wait"),
    path("claim", api.claim, name="agent-claim"),
    path("intent", api.intent, name="agent-intent"),
    path("result", api.result, name="agent-result"),
    path("people", api.people, name="agent-people"),
    path("roll", api.roll, name="agent-roll"),
]
