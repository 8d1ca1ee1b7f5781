namespace IntegrationHub.Hub.Shadows;

/// <summary>
/// The last comparison of each shadow, for those who look: counting takes longer than anybody waits at a page. It is made while somebody looks, one shadow after another, and made anew not before ten
/// times as long went by as it took. Each hub keeps its own, in memory: it is worth nothing an hour later.
/// </summary>
internal sealed partial class ShadowLook(ShadowComparer comparer, TimeProvider time, ILogger<ShadowLook> logger, IHostApplicationLifetime? lifetime = null)
{
    private const int Rest = 10;
    private static readonly TimeSpan _shortestRest = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ShadowStandJson> _stands = comparer.Shadows.ToDictionary(shadow => shadow.Key, shadow => new ShadowStandJson { Source = shadow.Key, Of = shadow.Value }, StringComparer.Ordinal);

    /// <summary>The comparison that is being made; completed when none is.</summary>
    internal Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>What is known of each shadow, by name; begins to compare where it is time to.</summary>
    public IReadOnlyList<ShadowStandJson> Look()
    {
        lock (_gate)
        {
            if (Work.IsCompleted && _stands.Values.Where(IsDue).Select(stand => stand.Source).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } due)
            {
                foreach (var source in due)
                {
                    _stands[source] = _stands[source] with { ComparingSince = time.GetUtcNow(), Counted = 0, ToCount = null };
                }

                using (ExecutionContext.SuppressFlow()) // the call that begins it has a budget, this has none
                {
                    var stopping = lifetime?.ApplicationStopping ?? CancellationToken.None;
                    Work = Task.Run(() => CompareAsync(due, stopping), stopping);
                }
            }

            return [.. _stands.Values.OrderBy(stand => stand.Source, StringComparer.Ordinal)];
        }
    }

    private bool IsDue(ShadowStandJson stand) => (stand.FailedAt ?? stand.ComparedAt) is not { } last
        || time.GetUtcNow() - last >= (Rest * TimeSpan.FromSeconds(stand.TookSeconds ?? 0) is var rest && rest > _shortestRest ? rest : _shortestRest);

    private async Task CompareAsync(List<string> sources, CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            var begun = time.GetTimestamp();
            try
            {
                var comparison = await comparer.CompareAsync(source, cancellationToken, (counted, all) => Set(source, stand => stand with { Counted = counted, ToCount = all }));
                Set(source, stand => new ShadowStandJson { Source = source, Of = stand.Of, Comparison = comparison, ComparedAt = time.GetUtcNow(), TookSeconds = time.GetElapsedTime(begun).TotalSeconds });
            }
            catch (Exception exception)
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    LogNotCompared(source, exception.GetType().Name, exception);
                }

                Set(source, stand => stand with { ComparingSince = null, Counted = null, ToCount = null, FailedAt = time.GetUtcNow() });
            }
        }
    }

    private void Set(string source, Func<ShadowStandJson, ShadowStandJson> change)
    {
        lock (_gate)
        {
            _stands[source] = change(_stands[source]);
        }
    }

    [LoggerMessage(3936, LogLevel.Warning, "What {Name} states as a shadow could not be compared ({Error}); it is tried again when somebody looks")]
    private partial void LogNotCompared(string name, string error, Exception exception);
}
