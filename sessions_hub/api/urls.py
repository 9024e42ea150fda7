"""URLs."""
app_name = "sessions_hub_api"
urlpatterns = []
