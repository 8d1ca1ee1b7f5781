using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Policy;
using IntegrationHub.Hub.Shadows;

namespace IntegrationHub.Hub.Versions;

/// <summary>Two configurations, side by side. Pure.</summary>
/// <param name="Changes">Every value that differs, in the order of files and keys.</param>
/// <param name="Privacy">What newly leaves the hub, or may: somebody has to agree to each.</param>
/// <param name="Breaking">What cannot be gone on with, or means something else at the vendor since.</param>
internal sealed record ConfigurationComparison(IReadOnlyList<ConfigurationChange> Changes, IReadOnlyList<ConfigurationFinding> Privacy, IReadOnlyList<ConfigurationFinding> Breaking)
{
    /// <summary>Vendors' fields that are written beside those that replace them until a day: the windows that open, move or close, each in a sentence.</summary>
    public IReadOnlyList<string> Windows { get; init; } = [];

    /// <summary>Audiences that are called otherwise and stay what they are.</summary>
    public IReadOnlyList<NameChange> RenamedAudiences { get; init; } = [];

    /// <summary>What is called otherwise and stays what it is, and former names that begin or end to stand for it; each in a sentence.</summary>
    public IReadOnlyList<string> Renames { get; init; } = [];

    private const string Added = "added";
    private const string Removed = "removed";
    private const string Changed = "changed";
    private const string Renamed = "renamed";

    /// <summary>Canaries are people, if made up ones, and alerts tell people: their values are nobody's to read in a plan.</summary>
    private static readonly string[] _ofPeople = ["canaries.yaml", "alerts.yaml"];

    /// <summary>Of the way back from a version that this program cannot run: it cannot tell what would newly leave, so that is looked at by whoever looks at what does.</summary>
    public static ConfigurationComparison OfWayBack(long version, IReadOnlyDictionary<string, string> inForce, IReadOnlyDictionary<string, string> back) =>
        new([.. ChangesOf(inForce, back)], [new ConfigurationFinding("not_compared", "configuration", FormattableString.Invariant($"This hub cannot run version {version}, so it cannot tell what would newly leave without it: the configuration that this hub runs itself would come into force again."))], []);

    /// <summary>Compares.</summary>
    public static ConfigurationComparison Of(HubConfiguration before, ConfigurationFiles filesBefore, HubConfiguration after, ConfigurationFiles filesAfter)
    {
        // What is renamed is compared with what it was, so that nothing of it begins or ends.
        var renames = NameChanges.Between(filesBefore, filesAfter);
        before = renames.Aggregate(before, static (configuration, rename) => rename.In(configuration));
        var texts = renames.Aggregate(filesBefore.Texts, static (files, rename) => rename.In(files));
        List<ConfigurationChange> changes = [.. renames.Select(static rename => new ConfigurationChange(rename.FileAfter, "", Renamed, rename.FileBefore, rename.FileAfter)), .. ChangesOf(texts, filesAfter.Texts)];
        return new ConfigurationComparison(changes, [.. PrivacyOf(before, after, changes), .. ShadowChanges.Widening(before, after)],
            [.. BreakingOf(before, after, changes), .. ShadowChanges.Breaking(before, after), .. UnsaidRenames.Of(texts, filesAfter.Texts)])
        {
            Windows = MigrationWindows.Changed(before, after),
            RenamedAudiences = [.. renames.Where(static rename => rename is AudienceRename)],
            Renames = [.. renames.Select(static rename => rename.Sentence), .. NameChanges.Aliases(filesBefore, filesAfter)],
        };
    }

    /// <summary>Every value that differs, in the order of files and keys.</summary>
    public static IEnumerable<ConfigurationChange> ChangesOf(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        foreach (var path in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            if (!before.TryGetValue(path, out var old))
            {
                yield return new ConfigurationChange(path, "", Added, null, null);
                continue;
            }

            if (!after.TryGetValue(path, out var text))
            {
                yield return new ConfigurationChange(path, "", Removed, null, null);
                continue;
            }

            if (old == text)
            {
                continue;
            }

            var (was, stands, isShown, found) = (YamlLeaves.Of(old), YamlLeaves.Of(text), !_ofPeople.Contains(path), false);
            foreach (var key in was.Keys.Union(stands.Keys).Order(StringComparer.Ordinal))
            {
                var (value, next) = (was.GetValueOrDefault(key), stands.GetValueOrDefault(key));
                if (value != next)
                {
                    found = true;
                    yield return new ConfigurationChange(path, key, value is null ? Added : next is null ? Removed : Changed, isShown ? value : null, isShown ? next : null);
                }
            }

            if (!found)
            {
                yield return new ConfigurationChange(path, "", Changed, null, null); // comments, order, spaces
            }
        }
    }

    private static IEnumerable<ConfigurationFinding> PrivacyOf(HubConfiguration before, HubConfiguration after, List<ConfigurationChange> changes)
    {
        foreach (var destination in after.Destinations.Values.OrderBy(destination => destination.Name, StringComparer.Ordinal))
        {
            var old = before.Destinations.GetValueOrDefault(destination.Name);
            var known = old is null ? [] : Sent(before, old).ToDictionary(field => field.To, StringComparer.Ordinal);
            foreach (var field in Sent(after, destination))
            {
                var anew = field.Sources.Where(source => !known.Values.Any(was => was.Sources.Contains(source))).ToList();
                var classification = Word(FieldPolicy.For(after, destination).Decide(field).Classification);
                if (anew.Count > 0)
                {
                    yield return new ConfigurationFinding("leaves_anew", $"{destination.Name}.{field.To}", $"{destination.Name}: {string.Join(" and ", anew)} leaves anew, as {field.To} ({classification}).");
                }
                else if (!known.ContainsKey(field.To) && field.Constant is null)
                {
                    var has = known.Values.Where(was => was.Sources.Any(field.Sources.Contains)).Select(was => was.To);
                    yield return new ConfigurationFinding("leaves_anew", $"{destination.Name}.{field.To}", $"{destination.Name}: {field.Source}, which it has as {string.Join(", ", has)}, is written to {field.To} too ({classification}).");
                }
            }

            if (old is null)
            {
                yield return new ConfigurationFinding("destination_new", destination.Name, $"{destination.Name} is a new destination ({destination.Connector}).");
                continue;
            }

            if (old.Create == CreationRule.Never && destination.Create != CreationRule.Never)
            {
                yield return new ConfigurationFinding("creates_people", destination.Name, $"{destination.Name}: people whom it does not have are created there.");
            }

            var (policyBefore, policyAfter) = (FieldPolicy.For(before, old), FieldPolicy.For(after, destination));
            foreach (var field in Sent(after, destination).Where(field => known.TryGetValue(field.To, out var was) && was.Sources.SequenceEqual(field.Sources) && policyBefore.Decide(was).Handling == FieldHandling.Hash && policyAfter.Decide(field).Handling == FieldHandling.Send))
            {
                yield return new ConfigurationFinding("hash_dropped", $"{destination.Name}.{field.To}", $"{destination.Name}: {field.To} was a hash of {field.Source}, and is none any more ({Word(policyAfter.Decide(field).Classification)}).");
            }

            foreach (var purpose in old.Purposes.Except(destination.Purposes))
            {
                yield return new ConfigurationFinding("purpose_dropped", destination.Name, $"{destination.Name}: the purpose {purpose} is not asked for any more, so that more people may be sent.");
            }

            foreach (var name in destination.Events.Keys.Except(old.Events.Keys).Order(StringComparer.Ordinal))
            {
                yield return new ConfigurationFinding("event_new", $"{destination.Name}.{name}", $"{destination.Name}: is told of the event {name}.");
            }

            foreach (var (name, told) in destination.Events)
            {
                if (old.Events.TryGetValue(name, out var toldBefore) && Told(told, policyAfter).Except(Told(toldBefore, policyBefore)).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } more)
                {
                    yield return new ConfigurationFinding("event_wider", $"{destination.Name}.{name}", $"{destination.Name}: the event {name} brings {string.Join(", ", more)} too.");
                }
            }

            foreach (var purpose in (destination.Consent?.Purposes ?? []).Except(old.Consent?.Purposes ?? []))
            {
                yield return new ConfigurationFinding("consent_told", destination.Name, $"{destination.Name}: is told who agreed to {purpose}.");
            }

            foreach (var alias in destination.Aliases.Keys.Except(old.Aliases.Keys))
            {
                yield return new ConfigurationFinding("alias_new", destination.Name, $"{destination.Name}: is told keys of the kind {Identity.PersonKey.WordOf(alias)}.");
            }
        }

        foreach (var audience in after.Audiences.Values.OrderBy(audience => audience.Key, StringComparer.Ordinal))
        {
            foreach (var destination in audience.Destinations.Except(before.Audiences.GetValueOrDefault(audience.Key)?.Destinations ?? []).Order(StringComparer.Ordinal))
            {
                yield return new ConfigurationFinding("audience_new", $"{destination}.{audience.Key}", $"{destination}: gets the members of {audience.Key}.");
            }
        }

        // A value that was told only as its hash may be read since. What policy hashes is compared above.
        foreach (var change in changes.Where(change => change.File != "policy.yaml" && IsHashed(change.Before) && !IsHashed(change.After) && !changes.Exists(gone => gone.Kind == Removed && gone.File == change.File && gone.Key == $"{ItemOf(change.Key)}.to")))
        {
            yield return new ConfigurationFinding("hash_dropped", $"{change.File}:{change.Key}", $"{change.File}: {change.Key} was a hash, and is none any more.");
        }

        foreach (var (file, code, text) in new[]
        {
            ("consent.yaml", "consent_rules", "consent.yaml differs: who may be sent is decided by other rules."),
            ("approvals.yaml", "approval_rules", "approvals.yaml differs: who has to agree is decided by other rules."),
            ("identity.yaml", "identity_rules", "identity.yaml differs: who is one person is decided by other rules."),
        })
        {
            if (changes.Exists(change => change.File == file && !(change is { Kind: Changed, Key: "" })))
            {
                yield return new ConfigurationFinding(code, file, text);
            }
        }
    }

    private static IEnumerable<ConfigurationFinding> BreakingOf(HubConfiguration before, HubConfiguration after, List<ConfigurationChange> changes)
    {
        foreach (var audience in before.Audiences.Keys.Except(after.Audiences.Keys).Order(StringComparer.Ordinal))
        {
            yield return new ConfigurationFinding("audience_removed", audience, $"The audience {audience} is gone: its runs cannot go on, its members stay where they are. A new name is a new audience unless renames.yaml says it.");
        }

        foreach (var old in before.Destinations.Values.OrderBy(destination => destination.Name, StringComparer.Ordinal))
        {
            if (!after.Destinations.TryGetValue(old.Name, out var destination))
            {
                yield return new ConfigurationFinding("destination_removed", old.Name, $"The destination {old.Name} is gone: what waits for it stays, what it has is neither updated nor removed. A new name is a new destination.");
                continue;
            }

            if (old.IdentityKey != destination.IdentityKey || KeyOf(before, old)?.From != KeyOf(after, destination)?.From)
            {
                yield return new ConfigurationFinding("identity_key", old.Name, $"{old.Name}: people are told apart by {destination.IdentityKey} from {KeyOf(after, destination)?.From}, before by {old.IdentityKey} from {KeyOf(before, old)?.From}: who is there already may be made a second time.");
            }

            if (old.Connector != destination.Connector || changes.Exists(change => change.File == $"destinations/{old.Name}.yaml" && (change.Key is "base_url" || change.Key.StartsWith("settings.", StringComparison.Ordinal))))
            {
                yield return new ConfigurationFinding("account", old.Name, $"{old.Name}: address or settings differ. If it is another account, what the hub knows of the old one does not hold there: give it a new name.");
            }

            var sent = Sent(after, destination).ToDictionary(field => field.To, StringComparer.Ordinal);
            foreach (var field in Sent(before, old))
            {
                if (!sent.TryGetValue(field.To, out var now))
                {
                    yield return new ConfigurationFinding("field_stops", $"{old.Name}.{field.To}", $"{old.Name}: {field.To} is not written any more; what is there stays.");
                }
                else if (now.Type != field.Type)
                {
                    yield return new ConfigurationFinding("field_type", $"{old.Name}.{field.To}", $"{old.Name}: {field.To} is {Word(now.Type)}, before {Word(field.Type)}: the vendor may refuse it.");
                }
            }

            foreach (var audience in before.Audiences.Values.Where(audience => audience.Destinations.Contains(old.Name) && after.Audiences.GetValueOrDefault(audience.Key) is { } still && !still.Destinations.Contains(old.Name)))
            {
                yield return new ConfigurationFinding("audience_left", $"{old.Name}.{audience.Key}", $"{old.Name}: {audience.Key} is not kept there any more; who is there stays there.");
            }

            foreach (var name in old.Events.Keys.Except(destination.Events.Keys).Order(StringComparer.Ordinal))
            {
                yield return new ConfigurationFinding("event_stops", $"{old.Name}.{name}", $"{old.Name}: is not told of the event {name} any more.");
            }
        }
    }

    private static IEnumerable<FieldMapping> Sent(HubConfiguration configuration, DestinationConfiguration destination)
    {
        var policy = FieldPolicy.For(configuration, destination);
        return configuration.Mappings[destination.Mapping].Fields.Where(field => field.Owner == FieldOwner.Hub && policy.Decide(field).Handling != FieldHandling.Drop).DistinctBy(field => field.To);
    }

    private static IEnumerable<string> Told(EventSection told, FieldPolicy policy) => told.Properties.Keys.Where(property => policy.DecideProperty(property).Handling == FieldHandling.Send);

    private static FieldMapping? KeyOf(HubConfiguration configuration, DestinationConfiguration destination) => Sent(configuration, destination).FirstOrDefault(field => field.To == destination.IdentityKey);

    private static string ItemOf(string key) => key.LastIndexOf('.') is > 0 and var end ? key[..end] : key;

    private static bool IsHashed(string? value) => value?.Contains("hash", StringComparison.OrdinalIgnoreCase) is true || value?.Contains("sha256", StringComparison.OrdinalIgnoreCase) is true;

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
