using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>
/// <c>GET /events/data_series</c>: how often a custom event happened, by hour or day, whoever did it; purchases are no custom events.
/// https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events_analytics
/// </summary>
internal sealed class BrazeSeries(BrazePeople people, TimeProvider time)
{
    private const int Longest = 100;

    public void Serve(SandboxCall call)
    {
        var query = call.Http.Request.Query;
        var name = query["event"].ToString();
        var unit = query["unit"].ToString() switch { "hour" => TimeSpan.FromHours(1), "" or "day" => TimeSpan.FromDays(1), _ => TimeSpan.Zero };
        if (name.Length == 0 || unit == TimeSpan.Zero || !int.TryParse(query["length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length is < 1 or > Longest)
        {
            BrazeAnswers.Fail(call, 400, "event and length are required; length is 1 to 100, unit is day or hour");
            return;
        }

        var ending = DateTimeOffset.TryParse(query["ending_at"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var asked) ? asked : time.GetUtcNow();
        var last = Floor(ending.ToUniversalTime(), unit);
        var counts = people.CustomEvents().Where(happened => happened.Name == name).GroupBy(happened => Floor(happened.At.ToUniversalTime(), unit)).ToDictionary(point => point.Key, point => point.Count());
        BrazeAnswers.Succeed(call, 200, json =>
        {
            json.WriteStartArray("data"u8);
            for (var at = last - unit * (length - 1); at <= last; at += unit)
            {
                json.WriteStartObject();
                json.WriteString("time"u8, at.ToString(unit == TimeSpan.FromDays(1) ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ss+00:00", CultureInfo.InvariantCulture));
                json.WriteNumber("count"u8, counts.GetValueOrDefault(at));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static DateTimeOffset Floor(DateTimeOffset at, TimeSpan unit) => new(at.UtcTicks - at.UtcTicks % unit.Ticks, TimeSpan.Zero);
}
