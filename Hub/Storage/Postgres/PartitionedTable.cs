using System.Globalization;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Storage.Postgres;

/// <summary>A table in partitions of one length of time, in UTC. A partition is called by its table and its first day.</summary>
internal sealed record PartitionedTable
{
    private const string DayFormat = "yyyyMMdd";
    private readonly Func<DateTime, DateTime> _firstDay;
    private readonly Func<DateTime, DateTime> _next;

    private PartitionedTable(string name, Func<DateTime, DateTime> firstDay, Func<DateTime, DateTime> next) => (Name, _firstDay, _next) = (name, firstDay, next);

    /// <summary>Facts of the short class, by week.</summary>
    public static PartitionedTable ShortFacts { get; } = Weekly("facts_short");

    /// <summary>Facts of the standard class, by week.</summary>
    public static PartitionedTable StandardFacts { get; } = Weekly("facts_standard");

    /// <summary>Facts of the long class, by month.</summary>
    public static PartitionedTable LongFacts { get; } = new("facts_long", day => new DateTime(day.Year, day.Month, 1), day => day.AddMonths(1));

    /// <summary>What destinations were told of events, by day.</summary>
    public static PartitionedTable EventReceipts { get; } = new("event_receipts", day => day, day => day.AddDays(1));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PartitionedTable> All { get; } = [ShortFacts, StandardFacts, LongFacts, EventReceipts];

    /// <summary>Name of the table.</summary>
    public string Name { get; }

    /// <summary>True when its rows are facts, whose ids stand in a table of their own.</summary>
    public bool HoldsFacts => this != EventReceipts;

    /// <summary>The table of a class of facts.</summary>
    public static PartitionedTable Of(FactClass facts) => facts switch
    {
        FactClass.Short => ShortFacts,
        FactClass.Standard => StandardFacts,
        _ => LongFacts,
    };

    /// <summary>The table of a kind of rows, or null when they lie in no partitions.</summary>
    public static PartitionedTable? Of(RetentionClass rows) => rows switch
    {
        RetentionClass.ShortFacts => ShortFacts,
        RetentionClass.Facts => StandardFacts,
        RetentionClass.LongFacts => LongFacts,
        RetentionClass.EventReceipts => EventReceipts,
        _ => null,
    };

    /// <summary>The partition of a time.</summary>
    public Partition At(DateTimeOffset at) => From(_firstDay(at.UtcDateTime.Date));

    /// <summary>The partitions from that of one time to that of another.</summary>
    public IEnumerable<Partition> Between(DateTimeOffset from, DateTimeOffset to)
    {
        for (var partition = At(from); partition.From <= to; partition = From(partition.To.UtcDateTime))
        {
            yield return partition;
        }
    }

    /// <summary>The partition of a name, or null when it is none of this table's.</summary>
    public Partition? Called(string name) =>
        name.StartsWith($"{Name}_", StringComparison.Ordinal)
        && DateTime.TryParseExact(name.AsSpan(Name.Length + 1), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? From(day)
            : null;

    private static PartitionedTable Weekly(string name) =>
        new(name, day => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)), day => day.AddDays(7));

    private Partition From(DateTime day) => new(
        this,
        $"{Name}_{day.ToString(DayFormat, CultureInfo.InvariantCulture)}",
        new DateTimeOffset(day, TimeSpan.Zero),
        new DateTimeOffset(_next(day), TimeSpan.Zero));

    /// <summary>A partition.</summary>
    /// <param name="Table">What it is a part of.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="From">Its first instant.</param>
    /// <param name="To">The first instant after it.</param>
    internal sealed record Partition(PartitionedTable Table, string Name, DateTimeOffset From, DateTimeOffset To);
}
