using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Renames;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Versions;

/// <summary>Plans changes of the configuration and puts them in force. What newly leaves the hub waits for another person's agreement wherever four eyes look at it.</summary>
internal sealed partial class ConfigurationDesk(
    HubConfiguration configuration, RunningConfiguration running, ConfigurationCompiler compiler, ApprovalRules rules, ILedger ledger, Renamer renamer, OutboxTransaction transactions, IOptions<DeliveryOptions> delivery, TimeProvider time, ILogger<ConfigurationDesk> logger) : IApprovable
{
    private const int ShownFindings = 3;

    /// <inheritdoc />
    public string Kind => ApprovalKind.Config;

    /// <summary>What files would change. Writes nothing. A hub that cannot run what is in force can go back to what it runs, or nobody could where no other hub is there.</summary>
    public async Task<(ConfigurationPlan? Plan, ConfigurationRefusal? Refusal)> PlanAsync(ConfigurationFiles files, CancellationToken cancellationToken)
    {
        var active = await transactions.ReadAsync(db => ConfigurationBook.ActiveAsync(db, cancellationToken));
        if (active is not null && running.IsBehind && running.Obstacles.Count > 0 && files.ContentHash == running.ContentHash)
        {
            var inForce = await transactions.ReadAsync(db => ConfigurationBook.FindAsync(db, active.Version, cancellationToken));
            return (new ConfigurationPlan(active.Version, files, configuration, ConfigurationComparison.OfWayBack(active.Version, inForce!.Files, files.Texts)), null);
        }

        if (active is null || active.Version != running.Version)
        {
            return (null, new ConfigurationRefusal(409, "config-behind", "files", $"This hub runs version {running.Version} of the configuration, and {active?.Version ?? 0} is in force: it changes over within seconds. Ask again then; if it does not, its log says what keeps it, and it can go back to the version that it runs, and to no other: 'config rollback VERSION'."));
        }

        var result = compiler.Compile(files);
        if (result.Configuration is { } next)
        {
            try
            {
                await transactions.ReadAsync(db => renamer.CheckAsync(db, running.Files, files, next, cancellationToken));
            }
            catch (RenameRefusedException refused)
            {
                return (null, Refusal(refused));
            }
        }

        return result.Configuration is { } checkedFiles
            ? (new ConfigurationPlan(active.Version, files, checkedFiles, ConfigurationComparison.Of(configuration, running.Files, checkedFiles, files)), null)
            : (null, new ConfigurationRefusal(422, "config-invalid", "files", $"The configuration cannot be run: {string.Join(" ", result.Errors.Take(ShownFindings))}{(result.Errors.Count > ShownFindings ? $" And {result.Errors.Count - ShownFindings} more; 'validate' lists them." : "")}") { Errors = result.Errors });
    }

    /// <summary>Whether somebody has to agree to a plan.</summary>
    public bool IsAsked(ConfigurationPlan plan) => plan.Comparison.Privacy.Count > 0 && rules.IsAsked(Kind, long.MaxValue);

    /// <summary>Puts files in force, or asks for agreement.</summary>
    /// <param name="files">The files.</param>
    /// <param name="planHash">Hash of the plan that was looked at.</param>
    /// <param name="source">Where the files come from, see <see cref="ConfigurationSource"/>.</param>
    /// <param name="gitCommit">The commit that they are of, or null.</param>
    /// <param name="entry">Who does it and why, for the audit log; its subject and hashes are not looked at.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<(AppliedConfiguration? Applied, ConfigurationRefusal? Refusal)> ApplyAsync(
        ConfigurationFiles files, string planHash, string source, string? gitCommit, AuditEntry entry, CancellationToken cancellationToken)
    {
        var active = await transactions.ReadAsync(db => ConfigurationBook.ActiveAsync(db, cancellationToken));
        if (active is not null && active.ContentHash == files.ContentHash)
        {
            return (new AppliedConfiguration(AppliedConfiguration.Unchanged, active.Version), null); // also for whoever repeats a call whose answer was lost
        }

        var (plan, refusal) = await PlanAsync(files, cancellationToken);
        if (plan is null)
        {
            return (null, refusal);
        }

        if (plan.Hash != planHash)
        {
            return (null, Changed());
        }

        try
        {
            return await Deadlock.TryAsync(() => PutAsync(files, plan, source, gitCommit, active, entry, cancellationToken), LogTriedAgain);
        }
        catch (RenameRefusedException refused)
        {
            return (null, Refusal(refused));
        }
    }

    private Task<(AppliedConfiguration?, ConfigurationRefusal?)> PutAsync(
        ConfigurationFiles files, ConfigurationPlan plan, string source, string? gitCommit, ActiveConfiguration? active, AuditEntry entry, CancellationToken cancellationToken) =>
        transactions.RunAsync<(AppliedConfiguration?, ConfigurationRefusal?)>(
            async (db, _) =>
            {
                var now = time.GetUtcNow();
                if (await ConfigurationBook.LockAsync(db, now, cancellationToken) != plan.BaseVersion)
                {
                    return ((null, Changed()), false);
                }

                var added = new ConfigurationEntry(0, files.ContentHash, source, gitCommit, entry.Principal, now, entry.Reason, plan.Hash, null);
                if (!IsAsked(plan))
                {
                    var version = await ConfigurationBook.AppendAsync(db, added, files.Texts, cancellationToken);
                    await ActivateAsync(db, plan.BaseVersion, version, files, plan.Configuration, entry.Principal, now, cancellationToken);
                    await NoteAsync(db, entry with { At = now, Subject = ConfigurationActivation.Subject(version), BeforeHash = active?.ContentHash, AfterHash = files.ContentHash }, cancellationToken);
                    return ((new AppliedConfiguration(AppliedConfiguration.Active, version), null), true);
                }

                var asked = await AskAsync(db, plan, added, now, cancellationToken);
                await NoteAsync(db, entry with { At = now, Action = "config.request", Subject = ConfigurationActivation.Subject(asked.Version), AfterHash = files.ContentHash }, cancellationToken);
                return ((asked, null), true);
            },
            cancellationToken);

    /// <inheritdoc />
    public async Task ReleaseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var active = await ConfigurationBook.LockAsync(db, now, cancellationToken);
        if (await ConfigurationBook.FindAskedAsync(db, approval.ApprovalId, cancellationToken) is not { } stored || ConfigurationPlan.HashOf(active, stored.Entry.ContentHash) != approval.Request.PlanHash)
        {
            throw new PlanChangedException("Another version of the configuration is in force than the one that the plan was made on. Plan and apply it again.");
        }

        if (active == stored.Entry.Version)
        {
            return; // said once more
        }

        var files = ConfigurationFiles.Of(stored.Files);
        if (compiler.Compile(files).Configuration is not { } agreed)
        {
            throw new PlanChangedException("This hub cannot run the configuration any more, often because a secret is missing. Plan it again: the plan says why.");
        }

        await ActivateAsync(db, active, stored.Entry.Version, files, agreed, stored.Entry.CreatedBy, now, cancellationToken);
    }

    /// <inheritdoc />
    public Task RefuseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken) => Task.CompletedTask; // it stays among the versions, and never comes into force

    private static ConfigurationRefusal Changed() => new(
        409, "plan-changed", "plan_hash", "What you looked at is not what would come into force: the files are others, or another version is in force since. Nothing was changed. Plan again, look, and apply that.");

    private static ConfigurationRefusal Refusal(RenameRefusedException refused) => new(409, refused.Type, "files", refused.Message);

    private async Task ActivateAsync(HubDbContext db, long before, long version, ConfigurationFiles files, HubConfiguration next, string by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await ledger.LockAsync(db, cancellationToken); // what is taken in by the version before is committed before, and nothing after
        if (await ConfigurationBook.FindAsync(db, before, cancellationToken) is { } replaced)
        {
            await renamer.RenameAsync(db, ConfigurationFiles.Of(replaced.Files), files, next, cancellationToken);
        }

        await ConfigurationBook.ActivateAsync(db, version, by, now, cancellationToken);
        await RouteTables.WriteAsync(db, ledger, next, delivery.Value.Partitions, cancellationToken);
    }

    private async Task<AppliedConfiguration> AskAsync(HubDbContext db, ConfigurationPlan plan, ConfigurationEntry added, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rule = rules.For(Kind);
        var privacy = plan.Comparison.Privacy;
        var summary = $"Configuration on version {plan.BaseVersion}: {string.Join(" ", privacy.Take(ShownFindings).Select(finding => finding.Text))}{(privacy.Count > ShownFindings ? $" And {privacy.Count - ShownFindings} more." : "")}{(plan.Comparison.Breaking.Count > 0 ? $" {plan.Comparison.Breaking.Count} breaking." : "")}";
        var approvalId = await ApprovalDesk.RequestAsync(
            db, new ApprovalRequest(Kind, $"config-plan:{plan.Hash[..16]}", plan.Hash, added.CreatedBy, now, now + rule.Expires, rule.Needed, rule.FourEyes, summary), cancellationToken);
        var version = (await ConfigurationBook.FindAskedAsync(db, approvalId, cancellationToken))?.Entry.Version
            ?? await ConfigurationBook.AppendAsync(db, added with { ApprovalId = approvalId }, plan.Files.Texts, cancellationToken);
        return new AppliedConfiguration(AppliedConfiguration.Waiting, version, ApprovalJson.From((await ApprovalDesk.FindAsync(db, approvalId, cancellationToken))!));
    }

    [LoggerMessage(3912, LogLevel.Warning, "Putting a version of the configuration in force and other work waited for each other, and the database ended the first ({Attempts} times): it is tried again")]
    private partial void LogTriedAgain(int attempts);

    private static Task<long> NoteAsync(HubDbContext db, AuditEntry entry, CancellationToken cancellationToken) => AuditLog.AppendAsync(db, entry, cancellationToken);
}
