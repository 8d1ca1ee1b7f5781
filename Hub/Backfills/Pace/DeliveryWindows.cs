using NodaTime;

namespace IntegrationHub.Hub.Backfills.Pace;

/// <summary>The windows of a run: it is delivered while one of them holds. Pure: the instant is given.</summary>
internal sealed class DeliveryWindows
{
    // A window of one day a week may fall into the hour that summer time skips: the next one is two weeks away at most.
    private static readonly Duration _horizon = Duration.FromDays(16);

    // A rollout that takes more stretches than this has no end that anybody would want to be told.
    private const int MostSpans = 2_000;

    private readonly IReadOnlyList<DeliveryWindow> _windows;

    private DeliveryWindows(IReadOnlyList<DeliveryWindow> windows) => _windows = windows;

    /// <summary>Reads windows.</summary>
    /// <param name="texts">Their texts.</param>
    /// <param name="windows">The windows; null when there are none, or one is wrong.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Read(IReadOnlyList<string>? texts, out DeliveryWindows? windows)
    {
        windows = null;
        var read = new List<DeliveryWindow>();
        foreach (var text in texts ?? [])
        {
            if (DeliveryWindow.Read(text, out var window) is { } wrong)
            {
                return wrong;
            }

            read.Add(window!);
        }

        windows = read.Count == 0 ? null : new DeliveryWindows(read);
        return null;
    }

    /// <summary>The windows of texts that were read before.</summary>
    public static DeliveryWindows? Of(IReadOnlyList<string>? texts) =>
        Read(texts, out var windows) is { } wrong ? throw new FormatException(wrong) : windows;

    /// <summary>The stretch that an instant is in, from that instant on, else the next one. One that goes on for more than two weeks is cut.</summary>
    public WindowSpan At(DateTimeOffset at)
    {
        var from = Instant.FromDateTimeOffset(at);
        var end = from + _horizon;
        var changes = _windows.SelectMany(window => window.Boundaries(from, end)).Where(change => change > from).Distinct().Order().ToList();
        var opens = IsOpen(from) ? from : changes.FirstOrDefault(IsOpen, end);
        return new WindowSpan(opens.ToDateTimeOffset(), changes.FirstOrDefault(change => change > opens && !IsOpen(change), end).ToDateTimeOffset());
    }

    /// <summary>When work that takes so long is done when it begins at an instant and stands still outside of the windows; null when that is years away.</summary>
    public DateTimeOffset? DoneAt(DateTimeOffset at, TimeSpan work)
    {
        for (var spans = 0; spans < MostSpans; spans++)
        {
            var span = At(at);
            if (span.Closes - span.Opens >= work)
            {
                return span.Opens + work;
            }

            work -= span.Closes - span.Opens;
            at = span.Closes;
        }

        return null;
    }

    /// <summary>How much of a stretch of time they are open.</summary>
    public TimeSpan OpenBetween(DateTimeOffset from, DateTimeOffset to)
    {
        var open = TimeSpan.Zero;
        for (var (span, spans) = (At(from), 0); span.Opens < to && spans < MostSpans; span = At(span.Closes), spans++)
        {
            open += (span.Closes < to ? span.Closes : to) - span.Opens;
        }

        return open;
    }

    /// <inheritdoc />
    public override string ToString() => string.Join(", ", _windows);

    private bool IsOpen(Instant at) => _windows.Any(window => window.Holds(at));
}
