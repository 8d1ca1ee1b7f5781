using System.Globalization;
using System.Text;
using IntegrationHub.Contracts.Events;

namespace IntegrationHub.Benchmarks.Facts;

/// <summary>Facts as producers state them, as plain JSON: three of five are things that people did, the rest what is known of them; every fiftieth is a change of consent.</summary>
internal static class FactLoad
{
    /// <summary>The next fact.</summary>
    /// <param name="number">Which; facts of one number are about one person.</param>
    /// <param name="people">How many people there are.</param>
    public static (string Type, byte[] Body) Next(int number, int people)
    {
        var (type, payload) = number switch
        {
            _ when number % 50 == 0 => (ConsentUpdated.Type, """{"purpose":"email_marketing","status":"granted","source":"preference-center"}"""),
            _ when number % 5 < 2 => (ProfileUpdated.Type, $$"""{"attributes":{"city":"Bonn","plan":"gold","visits":{{number}},"language":"de"} }"""),
            _ => (BehaviorTracked.Type, $$"""{"name":"page_viewed","properties":{"url":"https://shop.example/products/{{number}}","category":"shoes","seconds":{{number % 60}}} }"""),
        };
        var person = (number * 7919L) % people;
        return (type, Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"event_id":"{{Guid.CreateVersion7()}}","event_type":"{{type}}","schema_version":1,"occurred_at":"{{TimeProvider.System.GetUtcNow():O}}","producer":"benchmark",
            "subject":{"external_id":"c-{{person}}","email":"c-{{person}}@example.org"},"payload":{{payload}}}
            """).ReplaceLineEndings("")));
    }
}
