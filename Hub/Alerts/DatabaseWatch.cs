using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Alerts;

/// <summary>
/// The one alarm that cannot stand in the book, because the book lies in the database: each hub tells of itself that it does not reach it, and that it does again, and remembers whom it told.
/// </summary>
internal sealed partial class DatabaseWatch(HubConfiguration configuration, HubInstance instance, OutboxTransaction transactions, AlertTeller teller, IOptions<WatchOptions> options, TimeProvider time, ILogger<DatabaseWatch> logger)
    : BackgroundService
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private DateTimeOffset? _since;

    /// <summary>True of a failure that says that the database does not answer.</summary>
    public static bool IsOutage(Exception failure) => failure is DbException or TimeoutException or InvalidOperationException { InnerException: DbException or TimeoutException };

    /// <summary>Looks once, and tells whoever does not know yet what has changed.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await AnswersAsync(cancellationToken))
        {
            await TellAsync(configuration.AlertRoutes.Where(route => _told.Contains(route.Name)), AlertChange.Resolve, now, cancellationToken);
            _since = _told.Count == 0 ? null : _since;
            return;
        }

        _since ??= now;
        if (now - _since >= options.Value.Silence)
        {
            await TellAsync(configuration.AlertRoutes.Where(route => route.Takes(AlertSeverity.Critical, null) && !_told.Contains(route.Name)), AlertChange.Trigger, now, cancellationToken);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Heartbeat, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await transactions.ReadAsync(db => Heartbeats.ListAsync(db, cancellationToken));
            return true;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return !IsOutage(failure);
        }
    }

    private async Task TellAsync(IEnumerable<AlertRoute> routes, string change, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var verdict = HubDiagnoser.Database(instance.Name);
        var what = new AlertInput($"hub:{instance.Name}:{verdict.Code}", AlertSeverity.Critical, verdict.Code, verdict.Sentence, verdict.Runbook, _since ?? now) { Action = verdict.Action };
        var notice = AlertNotice.Of(new AlertChange(new StoredAlert(0, "", what, _since ?? now, now, change == AlertChange.Resolve ? now : null, null), change)) with { DedupKey = $"integrationhub-{verdict.Code}-{instance.Name}-{(_since ?? now).ToUnixTimeSeconds()}" };
        var body = JsonSerializer.Serialize(notice);
        await Task.WhenAll(routes.ToList().Select(async route =>
        {
            var told = await teller.TellAsync(route, body, $"{notice.DedupKey}-{change}", cancellationToken);
            if (told.Error is not null)
            {
                LogNotTold(route.Name, change, told.Error);
                return;
            }

            lock (_told)
            {
                _ = change == AlertChange.Trigger ? _told.Add(route.Name) : _told.Remove(route.Name);
            }
        }));
    }

    [LoggerMessage(2951, LogLevel.Warning, "Route {Name} was not told that the database is away, or back ({Event}, {Error}); it is tried again in some seconds")]
    private partial void LogNotTold(string name, string @event, string error);
}
