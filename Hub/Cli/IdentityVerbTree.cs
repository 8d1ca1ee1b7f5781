using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Identities;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>identity …</c>: who is who, and what people decide about it.</summary>
internal static class IdentityVerbTree
{
    private const string SomeKey = "kim@example.org";

    public static Verb Build(Terminal terminal) => new("identity", "See who is who, and decide about keys: whose one is, which joins nobody, who is one person.", $"identity show {SomeKey}")
    {
        Show(terminal),
        Propose(terminal),
        Matches(terminal),
        OfKey(terminal, "block", "Let a key join nobody from now on, as one that many people share.", "identity block info@example.org --reason 'a mailbox of many'"),
        OfKey(terminal, "unblock", "Let a key join people again, whatever blocked it.", "identity unblock info@example.org --reason 'it is one person after all'"),
        Assign(terminal),
        Merge(terminal),
        Unmerge(terminal),
    };

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var key = Key("A key of the person: the address, your id, or kind:value such as phone:+4930123456.");
        var reveal = new Option<bool>("--reveal") { Description = "Print keys in full. Needs --reason, and stays in the audit log. Personal data." };
        var reason = ReasonOption.Create();
        return new Verb(
            "show", "Show who has a key: the person's keys and where they stand, what was stated together, what was decided, profiles, consent, and destinations that hold them.",
            $"identity show {SomeKey}", "identity show c-17 --reveal --reason \"ticket 4\"", "identity show anonymous_id:b7e1 --json")
        { Arguments = { key }, Options = { reveal, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync("/v1/identities/show", new PersonQuestionJson(call.Get(key), call.Get(reveal), call.Get(reveal) ? reason.Read(call) : null), cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    Show(call.Terminal.Screen(json: false), answer.Deserialize<PersonFileJson>()!);
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Propose(Terminal terminal)
    {
        var hub = HubOption.Create();
        var kind = new Option<string?>("--kind") { Description = "Only email, phone, crm_id, anonymous_id or device_id that several people claim, merge for what producers merged, or undecided for keys that an erased person had too." };
        var limit = new Option<int>("--limit") { Description = "At most so many of each.", DefaultValueFactory = _ => 100 };
        var reveal = new Option<bool>("--reveal") { Description = "Print keys in full. Needs --reason, and stays in the audit log. Personal data." };
        var reason = ReasonOption.Create();
        return new Verb("propose", "List what people should decide: keys that several people claim, keys that an erased person had too, and merges that producers stated. Nobody is merged by a guess.", "identity propose", "identity propose --kind phone --reveal --reason \"ticket 4\"", "identity propose --kind undecided")
        { Options = { kind, limit, reveal, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var query = Query.Of(("kind", call.Get(kind)), ("limit", call.Get(limit).ToString(CultureInfo.InvariantCulture)), ("reveal", call.Get(reveal) ? "true" : null), ("reason", call.Get(reveal) ? reason.Read(call) : null));
                var answer = await client.GetAsync($"/v1/identities/proposals{query}", cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    Write(call.Terminal.Screen(json: false), answer.Deserialize<ProposalsJson>()!);
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Matches(Terminal terminal)
    {
        var hub = HubOption.Create();
        var audience = new Option<string?>("--audience") { Description = "Only of this audience." };
        var destination = new Option<string?>("--destination") { Description = "Only at this destination." };
        return new Verb("matches", "Count how well destinations know the people of audiences: whom they have, who lacks the key that they know people by, who shares it.", "identity matches", "identity matches --audience customers --destination braze --json")
        { Options = { audience, destination, hub } }
        .Lists(
            hub, null, _ => "/v1/identities/matches", call => [("audience", call.Get(audience)), ("destination", call.Get(destination))],
            (call, list) =>
            {
                var screen = call.Terminal.Screen(json: false);
                foreach (var rate in list.Of<MatchRateJson>())
                {
                    screen.WriteLine(FormattableString.Invariant(
                        $"{rate.Audience} at {rate.Destination}: {rate.Held} of {rate.People} held ({(rate.MatchRate is { } share ? FormattableString.Invariant($"{share:P1}") : "nobody")}), {rate.Members} members; {rate.WithoutKey} without {rate.KnownBy}, {rate.SharingKey} share one, {rate.HeldAsOne} have one record with others"));
                }
            },
            terminal);
    }

    private static void Write(IAnsiConsole screen, ProposalsJson proposals)
    {
        screen.WriteLine(proposals.Items.Count == 0 ? "There is nothing to decide." : $"To decide: {string.Join(", ", proposals.Counts.Select(count => $"{count.Value} {count.Key}"))}");
        foreach (var kind in proposals.Items.GroupBy(proposal => (proposal.Kind, proposal.NextStep)))
        {
            foreach (var proposal in kind)
            {
                screen.WriteLine(FormattableString.Invariant($"  {proposal.Kind}: {string.Join(", ", proposal.Keys)}{(proposal.Producer is null ? "" : FormattableString.Invariant($", says {proposal.Producer}, {proposal.OccurredAt:u}"))}"));
            }

            screen.WriteLine(kind.Key.NextStep);
        }
    }

    private static Verb OfKey(Terminal terminal, string word, string description, string example)
    {
        var hub = HubOption.Create();
        var key = Key("The key: an address, or kind:value.");
        var (reason, by) = (Reason(), By());
        return new Verb(word, description, example) { Arguments = { key }, Options = { reason, by, hub } }
            .Does((call, cancellationToken) => DecideAsync(call, hub, word, new RulingJson(call.Get(key), null, call.Get(reason), call.Get(by)), cancellationToken), terminal);
    }

    private static Verb Assign(Terminal terminal)
    {
        var hub = HubOption.Create();
        var key = Key("The key: an address, or kind:value.");
        var to = new Option<string>("--to") { Description = "Your id of the person whose it is.", HelpName = "ID", Required = true };
        var (reason, by) = (Reason(), By());
        return new Verb("assign", "Say whose a key is that several people claim. Facts that waited for it are taken in.", $"identity assign {SomeKey} --to c-17 --reason 'asked her'")
        { Arguments = { key }, Options = { to, reason, by, hub } }
        .Does((call, cancellationToken) => DecideAsync(call, hub, "assign", new RulingJson(call.Get(key), call.Get(to), call.Get(reason), call.Get(by)), cancellationToken), terminal);
    }

    private static Verb Merge(Terminal terminal)
    {
        var hub = HubOption.Create();
        var (one, other) = (Id("ID"), Id("OTHER"));
        var (reason, by) = (Reason(), By());
        return new Verb("merge", "Make two people one. Their consent is the stricter of the two; the one whose id sorts first stays, the other is retired at the destinations.", "identity merge c-17 c-18 --reason 'registered twice'")
        { Arguments = { one, other }, Options = { reason, by, hub } }
        .Does((call, cancellationToken) => DecideAsync(call, hub, "merge", new RulingJson($"external_id:{call.Get(one)}", call.Get(other), call.Get(reason), call.Get(by)), cancellationToken), terminal);
    }

    private static Verb Unmerge(Terminal terminal)
    {
        var hub = HubOption.Create();
        var person = Id("ID");
        var key = Key("Your id of the other person; or a key that is not this person's after all.", "OTHER");
        var (reason, by) = (Reason(), By());
        return new Verb("unmerge", "Part two people who were merged, each as they were; or take a key from a person.", "identity unmerge c-17 c-18 --reason 'mother and daughter'", $"identity unmerge c-17 {SomeKey} --reason 'typed by mistake'")
        { Arguments = { person, key }, Options = { reason, by, hub } }
        .Does((call, cancellationToken) => DecideAsync(call, hub, "unmerge", new RulingJson(call.Get(key), call.Get(person), call.Get(reason), call.Get(by)), cancellationToken), terminal);
    }

    private static Argument<string> Key(string description, string name = "KEY") => new(name) { Description = description };

    private static Argument<string> Id(string name) => new(name) { Description = "Your id of a person." };

    private static Option<string> Reason() => new("--reason") { Description = "Why; stays with the decision.", HelpName = "TEXT", Required = true };

    private static Option<string?> By() => new("--by") { Description = "Who decides; stays with the decision.", HelpName = "NAME", DefaultValueFactory = _ => Environment.UserName };

    private static async Task<int> DecideAsync(VerbCall call, HubOption hub, string word, RulingJson ruling, CancellationToken cancellationToken)
    {
        using var client = hub.Connect(call);
        var answer = await client.PostAsync($"/v1/identities/{word}", ruling, cancellationToken);
        if (call.Json)
        {
            call.Write(answer);
            return ExitCode.Done;
        }

        if (answer.TryGetProperty("approval_id", out var approval))
        {
            call.Terminal.Out.WriteLine($"Asked; nothing is changed before somebody agrees: approvals approve {approval.GetGuid()}");
            return ExitCode.Done;
        }

        var decided = answer.Deserialize<RulingAnswerJson>()!;
        var screen = call.Terminal.Screen(json: false);
        screen.WriteLine(decided.Changed ? "Decided." : "It was decided before; nothing was changed.");
        Write(screen, decided.Keys);
        if (decided.Replayed > 0)
        {
            screen.WriteLine($"{decided.Replayed} facts that had waited for it were taken in.");
        }

        return ExitCode.Done;
    }

    private static void Show(IAnsiConsole screen, PersonFileJson file)
    {
        screen.WriteLine($"{file.Asked.Key} is {Stand(file.Asked)}");
        Write(screen, file.Keys);
        foreach (var profile in file.Profiles)
        {
            var consents = profile.Consents.Count == 0 ? "nothing is known of consent" : string.Join(", ", profile.Consents.Select(consent => $"{consent.Purpose} {consent.Status}"));
            screen.WriteLine(FormattableString.Invariant($"profile {profile.ProfileId}{(profile.ShownBy is { } other ? FormattableString.Invariant($", shown by {other}") : "")}: {profile.Attributes} attributes; {consents}"));
        }

        foreach (var held in file.Destinations)
        {
            screen.WriteLine(FormattableString.Invariant($"{held.Destination} holds profile {held.ProfileId}{(held.ConfirmedAt is { } at ? FormattableString.Invariant($", confirmed {at:u}") : "")}{(held.Audiences.Count == 0 ? "" : $", member of {string.Join(", ", held.Audiences)}")}"));
        }

        foreach (var claim in file.Claims)
        {
            screen.WriteLine(FormattableString.Invariant($"stated together: {claim.A} and {claim.B}, {claim.First:yyyy-MM-dd} to {claim.Last:yyyy-MM-dd}"));
        }

        if (file.Unreadable is { } sentence)
        {
            screen.WriteLine(sentence);
        }

        foreach (var decision in file.Decisions)
        {
            screen.WriteLine(FormattableString.Invariant($"decided: {decision.Verdict} {string.Join(" and ", decision.Keys)}, {decision.At:u} by {decision.By}: {decision.Reason}"));
        }
    }

    private static void Write(IAnsiConsole screen, IReadOnlyList<KeyStandJson> keys)
    {
        foreach (var key in keys)
        {
            screen.WriteLine($"  {key.Key}: {Stand(key)}");
        }
    }

    private static string Stand(KeyStandJson key) => key.State switch
    {
        "held" => $"held by {key.Person}",
        "contested" => $"contested by {string.Join(", ", key.Candidates)}",
        _ => "blocked: it joins nobody",
    };
}
