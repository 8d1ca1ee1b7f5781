using System.Globalization;
using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Shadows;

namespace IntegrationHub.Hub.Shadows;

/// <summary>
/// Ends shadows that the configuration in force does not have any more. Where the two sources changed places, what the former shadow states is taken in as facts of the moment of the change, and
/// what counted until then of the same people and things is kept as what the other one states: so the same change taken back brings it back. Where the shadow is merely gone, what it stated is
/// forgotten. Some hundred people at a time; after a kill the same facts come again under the same ids.
/// </summary>
internal sealed partial class ShadowTakeover(
    HubConfiguration configuration, RunningConfiguration running, OutboxTransaction transactions, ILedger ledger, FactIntake intake, FactRetention retention, TimeProvider time, ILogger<ShadowTakeover> logger) : BackgroundService
{
    private const int People = 100;
    private const int Statements = 10_000;
    private static readonly TimeSpan _look = TimeSpan.FromMinutes(1);

    private readonly IReadOnlyDictionary<string, string> _shadows = configuration.Ownership?.Shadows ?? new Dictionary<string, string>();

    /// <summary>Ends what there is to end.</summary>
    internal async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var source in await transactions.ReadAsync(db => ShadowBook.SourcesAsync(db, cancellationToken)))
        {
            if (!_shadows.ContainsKey(source) && await transactions.ReadAsync(db => ConfigurationBook.ActiveAsync(db, cancellationToken)) is { } active && active.Version == running.Version)
            {
                await (_shadows.FirstOrDefault(shadow => shadow.Value == source).Key is { } shadow ? TakeOverAsync(source, shadow, active, cancellationToken) : ForgetAsync(source, cancellationToken));
            }
        }

        await ForgetFactsAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_look, time);
        do
        {
            try
            {
                await EndAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotEnded(running.Version, exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TakeOverAsync(string source, string counted, ActiveConfiguration active, CancellationToken cancellationToken)
    {
        var (taken, last) = (0L, "");
        while (true)
        {
            var (people, differing) = await transactions.RunAsync(
                async (db, _) =>
                {
                    await ConfigurationFence.HoldAsync(db, active.Version, cancellationToken);
                    await ledger.LockAsync(db, cancellationToken);
                    var next = await ShadowBook.NextAsync(db, source, last, People, cancellationToken);
                    return (next, await ShadowBook.KeepCountingAsync(db, source, counted, next, active.ActivatedAt, cancellationToken));
                },
                cancellationToken);
            if (people.Count == 0)
            {
                break;
            }

            foreach (var facts in differing.SelectMany(person => FactsOf(source, person, active.ActivatedAt)).Chunk(FactRoutes.BatchFacts))
            {
                await intake.TakeInAsync([.. facts.Select(fact => fact.Body)], cancellationToken);
            }

            await transactions.RunAsync((db, _) => ShadowBook.ForgetAsync(db, differing, cancellationToken), cancellationToken);
            (taken, last) = (taken + differing.Count, people[^1].SubjectKey);
        }

        LogTakenOver(source, counted, taken, active.Version);
    }

    /// <summary>A fact that is older than facts are kept is not taken in, so that its id need not be known.</summary>
    private async Task ForgetFactsAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - TimeSpan.FromTicks(Math.Max(retention.Standard.Ticks, Math.Max(retention.Short.Ticks, retention.Long.Ticks)));
        while (await transactions.RunAsync((db, _) => ShadowBook.DropIdsAsync(db, before, Statements, cancellationToken), cancellationToken) == Statements)
        {
        }
    }

    private async Task ForgetAsync(string source, CancellationToken cancellationToken)
    {
        var forgotten = 0L;
        int rows;
        do
        {
            rows = await transactions.RunAsync(
                async (db, _) =>
                {
                    await ConfigurationFence.HoldAsync(db, running.Version, cancellationToken);
                    return await ShadowBook.DropAsync(db, source, Statements, cancellationToken);
                },
                cancellationToken);
            forgotten += rows;
        }
        while (rows == Statements);

        LogForgotten(source, forgotten, running.Version);
    }

    /// <summary>What a shadow states of a person, as facts of a moment; the same statements are the same facts.</summary>
    private static IEnumerable<DraftedFact> FactsOf(string source, ShadowedPerson person, DateTimeOffset at)
    {
        var subject = SubjectOf(person);
        var latest = person.Statements.Max(row => row.Statement.At).UtcTicks.ToString(CultureInfo.InvariantCulture);
        var attributes = person.Statements.Select(row => row.Statement).Where(one => one.Kind == ShadowKind.Attribute).ToList();
        if (attributes.Count > 0 || person.Statements.Any(row => row.Statement.Kind == ShadowKind.Key))
        {
            yield return DraftedFact.Of(Head(ProfileUpdated.Type, ""), subject, DraftedFact.NoConsent, writer =>
            {
                writer.WriteStartObject("attributes");
                foreach (var attribute in attributes)
                {
                    writer.WritePropertyName(attribute.Name);
                    writer.WriteRawValue(attribute.Value);
                }

                writer.WriteEndObject();
            });
        }

        foreach (var membership in person.Statements.Select(row => row.Statement).Where(one => one.Kind == ShadowKind.Audience))
        {
            yield return DraftedFact.Of(Head(AudienceMembershipChanged.Type, membership.Name), subject, DraftedFact.NoConsent, writer =>
            {
                writer.WriteString("audience", membership.Name);
                writer.WriteBoolean("is_member", membership.Value == ShadowStatement.In);
            });
        }

        FactHead Head(string type, string name) => new(
            Uuid8.Of("shadow", source, person.SubjectKey, type, name, latest, at.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)), type, at.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture), source);
    }

    private static List<KeyValuePair<string, string?>> SubjectOf(ShadowedPerson person)
    {
        var key = PersonKey.Read(person.SubjectKey);
        return
        [
            KeyValuePair.Create(PersonKey.WordOf(key.Kind), (string?)key.Value),
            .. person.Statements.Select(row => row.Statement).Where(one => one.Kind == ShadowKind.Key && one.Value != ShadowStatement.None).Select(one => KeyValuePair.Create(one.Name, JsonSerializer.Deserialize<string>(one.Value))),
        ];
    }

    [LoggerMessage(3901, LogLevel.Information, "{Name} counts in place of {Counted}: what it stated of {Count} people is taken over (configuration {Version})")]
    private partial void LogTakenOver(string name, string counted, long count, long version);

    [LoggerMessage(3902, LogLevel.Information, "{Name} is no shadow any more: {Count} statements of it are forgotten (configuration {Version})")]
    private partial void LogForgotten(string name, long count, long? version);

    [LoggerMessage(3903, LogLevel.Warning, "Shadows that configuration {Version} does not have could not be ended ({Exception}); it is tried again in a minute")]
    private partial void LogNotEnded(long? version, string exception);
}
