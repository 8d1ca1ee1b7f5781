namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>
/// <c>GET /events</c>: the custom events that the workspace knows, each made by the first of its name; purchases are none.
/// https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events_data
/// </summary>
internal sealed class BrazeCustomEvents(BrazePeople people)
{
    public void List(SandboxCall call)
    {
        SortedSet<string> names = new(people.CustomEvents().Select(happened => happened.Name).Concat(people.BlockedEvents.Keys), StringComparer.Ordinal);
        if (BrazePaging.Take(call, names) is not { } page)
        {
            return;
        }

        BrazeAnswers.Succeed(call, 200, json =>
        {
            json.WriteStartArray("events"u8);
            foreach (var name in page)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, name);
                json.WriteNull("description"u8);
                json.WriteBoolean("included_in_analytics_report"u8, false);
                json.WriteString("status"u8, people.BlockedEvents.ContainsKey(name) ? "Blocklisted" : "Active");
                json.WriteStartArray("tag_names"u8);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }
}
