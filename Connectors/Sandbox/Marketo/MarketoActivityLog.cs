using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>An activity of a lead.</summary>
/// <param name="Id">Ascending; its text is the <c>marketoGUID</c>.</param>
/// <param name="Type">Id of the activity type.</param>
/// <param name="Lead">The lead.</param>
/// <param name="At"><c>activityDate</c>.</param>
/// <param name="VisibleAt">From when on the feeds show it.</param>
internal sealed record LoggedActivity(long Id, int Type, int Lead, DateTimeOffset At, DateTimeOffset VisibleAt)
{
    /// <summary>For a change of fields: all fields before, and after.</summary>
    public byte[] Before { get; init; } = [];

    public byte[] After { get; init; } = [];

    public string? Primary { get; init; }

    /// <summary>Attributes by API name, as JSON text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    public int Lead { get; set; } = Lead;
}

/// <summary>What happened to leads, newest 100,000, kept as it happened and shown later, as at the vendor. Guarded by the lead store's gate.</summary>
internal sealed class MarketoActivityLog(MarketoLeads leads, TimeProvider time)
{
    private const int Kept = 100_000;

    private readonly List<LoggedActivity> _log = [];
    private long _lastId;

    /// <summary>How long after it happened an activity is shown.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(60);

    public long NextId() => ++_lastId;

    public LoggedActivity Note(LoggedActivity activity)
    {
        if (_log.Count >= Kept * 2)
        {
            _log.RemoveRange(0, Kept);
        }

        _log.Add(activity);
        return activity;
    }

    public LoggedActivity Start(int type, int lead, DateTimeOffset? at = null) =>
        new(NextId(), type, lead, at ?? time.GetUtcNow(), time.GetUtcNow() + Delay);

    public void Move(int from, int to) => _log.FindAll(activity => activity.Lead == from).ForEach(activity => activity.Lead = to);

    /// <summary>
    /// A stretch of the log after a date, which is all that a paging token knows: what is shown late, behind that date, is missed. Short
    /// or empty stretches are normal.
    /// </summary>
    public IReadOnlyList<LoggedActivity> After(DateTimeOffset since, int size, out bool isLast)
    {
        var now = time.GetUtcNow();
        var due = _log.Where(activity => activity.At > since && activity.VisibleAt <= now).OrderBy(activity => activity.At).ThenBy(activity => activity.Id);
        var page = due.Take(size + 1).ToList();
        isLast = page.Count <= size;
        return isLast ? page : page[..size];
    }

    /// <summary>Activities of people who are gone cannot be read any more, but for their end.</summary>
    public bool IsReadable(LoggedActivity activity) => activity.Type == MarketoActivities.DeleteLead || leads.Exists(activity.Lead);

    public void Clear()
    {
        _log.Clear();
        _lastId = 0;
        Delay = TimeSpan.FromSeconds(60);
    }
}
