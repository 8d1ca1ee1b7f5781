using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Standings;

namespace IntegrationHub.Hub.Explain;

/// <summary>Finds a person by what somebody calls them: by the law of identity, after the tombstones, and says what was looked for when nobody is found.</summary>
internal sealed class PersonFinder(HubConfiguration configuration, DestinationDirectory destinations, Tombstones tombstones, IdentityDesk desk, SubjectSearch search)
{
    /// <summary>What stands before the hub's own number where a key is asked for.</summary>
    public const string OwnNumber = "profile:";

    private static readonly KeyKind[] _kindsWithoutAtSign = [KeyKind.ExternalId, KeyKind.CrmId, KeyKind.Phone, KeyKind.AnonymousId, KeyKind.DeviceId];

    /// <summary>The keys that a text may mean, in their normal form; none when it can mean nobody.</summary>
    public static IReadOnlyList<PersonKey> KeysOf(string text)
    {
        text = text.Trim();
        if (PersonKey.Parse(text) is not null)
        {
            return KeyText.Read(text) is { } key ? [key] : [];
        }

        return text.Contains('@', StringComparison.Ordinal)
            ? [.. new[] { PersonKey.Of(KeyKind.Email, text) }.OfType<PersonKey>()]
            : [.. _kindsWithoutAtSign.Select(kind => kind == KeyKind.Phone ? (PhoneNumber.ToE164(text, null, out var number) == MappingFailure.None ? PersonKey.Of(kind, number) : null) : PersonKey.Of(kind, text)).OfType<PersonKey>()];
    }

    /// <summary>Finds the person whom a text means.</summary>
    /// <param name="db">The database.</param>
    /// <param name="text">A key, its kind before it or not, or the hub's own number after <see cref="OwnNumber"/>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<FoundPerson> FindAsync(HubDbContext db, string text, CancellationToken cancellationToken)
    {
        if (text.StartsWith(OwnNumber, StringComparison.Ordinal) && long.TryParse(text.AsSpan(OwnNumber.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return await FindAsync(db, number, cancellationToken);
        }

        var keys = KeysOf(text);
        if ((await tombstones.FindAsync(db, keys, cancellationToken)).Count > 0)
        {
            return new FoundPerson(null, keys) { Refusal = Erased() };
        }

        foreach (var key in keys)
        {
            if (await desk.FindAsync(db, key, Names(), cancellationToken) is { } file)
            {
                return await OfFileAsync(db, file, keys, cancellationToken);
            }
        }

        var stated = await search.FindAsync(db, keys, cancellationToken);
        return stated.People is [var only] ? await FindAsync(db, only.ProfileId, cancellationToken)
            : new FoundPerson(null, keys) { Refusal = stated.IsContested ? Contested(null) : await NobodyAsync(db, text.Trim(), keys, cancellationToken) };
    }

    /// <summary>The person of whom a profile is.</summary>
    public async Task<FoundPerson> FindAsync(HubDbContext db, long profileId, CancellationToken cancellationToken)
    {
        if (await PersonBook.FindAsync(db, profileId, cancellationToken) is not { } profile)
        {
            return new FoundPerson(null, []) { Refusal = new StepJson(ExplainWord.Identity, ExplainWord.No, "nobody has this number.") { Code = "nobody_known", Fix = "Ask by a key of the person." } };
        }

        if (StoredConsent.IsErased(profile.ConsentJson))
        {
            return new FoundPerson(null, []) { Refusal = Erased() };
        }

        var key = await PersonBook.KeyOfAsync(db, profile, cancellationToken);
        return new FoundPerson(profile.ProfileId, key is { } known ? [known] : []) { File = key is { } asked ? await desk.FindAsync(db, asked, Names(), cancellationToken) : null };
    }

    private async Task<FoundPerson> OfFileAsync(HubDbContext db, PersonFile file, IReadOnlyList<PersonKey> tried, CancellationToken cancellationToken)
    {
        if (file.Stand.State == KeyState.Contested)
        {
            return new FoundPerson(null, tried) { File = file, Refusal = Contested(file) };
        }

        if (file.Stand.State == KeyState.Blocked)
        {
            return new FoundPerson(null, tried) { File = file, Refusal = new StepJson(ExplainWord.Identity, ExplainWord.No, $"this {PersonKey.WordOf(file.Asked.Kind)} joins nobody: a pattern of identity.yaml or a decision blocks it, or too many people share it.") { Code = "key_blocked", Fix = "Ask by another key of the person, such as your id; 'identity unblock' lets it join people again." } };
        }

        if (file.Profiles.OrderBy(profile => profile.ShownBy is not null).FirstOrDefault() is not { } shown || await PersonBook.FindAsync(db, shown.ProfileId, cancellationToken) is not { } profile)
        {
            return new FoundPerson(null, tried) { File = file, Refusal = await NobodyAsync(db, file.Asked.Value, tried, cancellationToken) };
        }

        return StoredConsent.IsErased(profile.ConsentJson) ? new FoundPerson(null, tried) { Refusal = Erased() } : new FoundPerson(profile.ProfileId, tried) { File = file };
    }

    /// <summary>What is worth saying of somebody who is not known: a fact that waits, a row that was refused, a spelling that is known.</summary>
    private async Task<StepJson> NobodyAsync(HubDbContext db, string text, IReadOnlyList<PersonKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return new StepJson(ExplainWord.Identity, ExplainWord.No, "this is no key that tells people.") { Code = "key_malformed", Fix = $"Kinds are {KeyText.Kinds}; a phone number needs its country, as in phone:+4930123456." };
        }

        if (await PersonBook.WaitingAsync(db, keys, cancellationToken) is [var waiting, ..])
        {
            return new StepJson(ExplainWord.Identity, ExplainWord.No, $"a fact that names the key was set aside {DestinationExplanation.Time(waiting.ReceivedAt)}: {waiting.Code}.")
            { Code = waiting.Code, At = waiting.ReceivedAt, Fix = $"'quarantine show {waiting.QuarantineId}' says what to do.", Inputs = [new InputJson("quarantine", waiting.QuarantineId.ToString())] };
        }

        if (keys.FirstOrDefault(key => key.Kind == KeyKind.ExternalId) is { Value: { } id } && await PersonBook.RefusedRowsAsync(db, id, [.. configuration.Audiences.Keys], cancellationToken) is [var row, ..])
        {
            return new StepJson(
                ExplainWord.Audience, ExplainWord.No, string.Create(CultureInfo.InvariantCulture, $"line {row.Line} of the last list of {row.Audience} names this id and was refused: {row.Code} in {row.Field}. Nobody else stated the person."))
            { Code = row.Code, At = row.LoadedAt, Fix = $"{MappingFailures.FixOf(row.Code) ?? "Mend the row."} Then load the list again; 'snapshots show {row.SnapshotId}' shows all such rows.", Inputs = [new InputJson("snapshot", row.SnapshotId.ToString())] };
        }

        foreach (var other in OtherSpellings(text))
        {
            if (await desk.FindAsync(db, other, Names(), cancellationToken) is { Profiles.Count: > 0 })
            {
                return new StepJson(ExplainWord.Identity, ExplainWord.No, $"nobody has the {PersonKey.WordOf(other.Kind)} in this spelling, and somebody has it in other letter case: ids are told apart by case.") { Code = "key_spelled_otherwise", Fix = "Ask by the id as the source spells it; where two sources spell it in two ways, let them agree." };
            }
        }

        return new StepJson(ExplainWord.Identity, ExplainWord.No, $"nobody is known by this key. It was looked for as {string.Join(", ", keys.Select(key => PersonKey.WordOf(key.Kind)))}, in normal form: blanks at the ends are cut, addresses are lower case.")
        { Code = "nobody_known", Fix = "Check its spelling, or ask by another key of the person. Who is only in a list that was not loaded yet is not known." };
    }

    private static IEnumerable<PersonKey> OtherSpellings(string text)
    {
        var id = PersonKey.Parse(text) is { } key ? key.Value : text;
        return new[] { id.ToUpperInvariant(), id.ToLowerInvariant() }.Where(spelling => spelling != id).Select(spelling => PersonKey.Of(KeyKind.ExternalId, spelling)).OfType<PersonKey>();
    }

    private static StepJson Erased() => new(ExplainWord.Identity, ExplainWord.No, "the person was erased: a tombstone keeps everything about them out, and nothing leaves.")
    { Code = ConsentCode.Erased, Fix = "Nothing. Only a new grant by the person, and somebody who agrees to it, ends it; 'erase list' shows erasures." };

    private static StepJson Contested(PersonFile? file) => new(
        ExplainWord.Identity, ExplainWord.No, $"several people claim this {(file is null ? "key" : PersonKey.WordOf(file.Asked.Kind))}, and nobody can tell whose it is{(file is { Stand.Candidates.Count: > 0 } ? $": {string.Join(", ", file.Stand.Candidates.Select(KeyText.Mask))}" : "")}.")
    { Code = ConsentCode.Contested, Fix = "Ask by your id of the person; 'identity assign' decides whose the key is." };

    private string[] Names() => [.. destinations.All.Select(destination => destination.Name)];
}
