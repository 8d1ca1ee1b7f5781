using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>Products that people viewed: some in the days that a backfill is about, and one before and one after them of everybody.</summary>
internal sealed class Views
{
    /// <summary>The event.</summary>
    public const string Name = "product_viewed";

    private const int PerPerson = 3;
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    private readonly int _people;

    public Views(int people)
    {
        _people = people;
        From = TimeProvider.System.GetUtcNow() - (10 * _day);
        Wanted = [.. Enumerable.Range(0, people * PerPerson).Select(_ => Guid.CreateVersion7())];
    }

    /// <summary>The first instant of the days.</summary>
    public DateTimeOffset From { get; }

    /// <summary>The first instant after the days.</summary>
    public DateTimeOffset To => From + (PerPerson * _day);

    /// <summary>The ids of those within the days.</summary>
    public IReadOnlyList<Guid> Wanted { get; }

    /// <summary>States all of them.</summary>
    public Task PublishAsync(HubProcess hub) => StatedFacts.PublishAsync(hub, Enumerable.Range(0, _people).SelectMany(person => Enumerable.Range(-1, PerPerson + 2).Select(day => Fact(person, day))));

    private object Fact(int person, int day) => new
    {
        event_id = day is >= 0 and < PerPerson ? Wanted[(person * PerPerson) + day] : Guid.CreateVersion7(), event_type = "behavior_tracked", schema_version = 1,
        occurred_at = From + (day * _day) + TimeSpan.FromSeconds(1), producer = "benchmark", tenant_id = "default",
        subject = new { external_id = $"c{person}" }, payload = new { name = Name, properties = new { product_id = $"p-{day}", price = 12.5 } },
    };
}
