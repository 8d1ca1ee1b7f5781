using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>The end of a history, in which nothing goes wrong any more: every run comes to one, and nothing is lost.</summary>
internal sealed class HistoryEnd(
    History history, SimulatedWorld world, Steering steering, SimulatedDatabase database, SimulatedVendor vendor, Customers customers, Witness witness, Invariants invariants, Random random)
{
    private const int MostSteps = 2_000;

    public async Task PlayAsync()
    {
        await ComeToRestAsync(approves: false, waitsForJobs: false);
        await MoveOnWhileTheVendorWorksAsync();
        await ComeToRestAsync(approves: false);
        await ShouldHaveBegunAsync();
        await ShouldBeTakenBackAsync();
        await ShouldBeErasedAsync();
        await ShouldBeThereWithoutARunAsync();
        await ShouldLoseNobodyAsync();
        await ShouldBeHealedAsync();
        await ShouldBeErasedAsync();
    }

    /// <summary>From wherever it stands, every run can reach an end.</summary>
    /// <param name="approves">Whether everybody says yes to whatever waits.</param>
    /// <param name="waitsForJobs">False to leave jobs of the vendor alone of which no run waits any more.</param>
    private async Task ComeToRestAsync(bool approves, bool waitsForJobs = true)
    {
        for (var step = 0; step < MostSteps; step++)
        {
            await invariants.ShouldHoldAsync();
            if (history.Broker.Parcels.Count == 0)
            {
                await history.SweepAsync();
            }

            if (history.Broker.Parcels.Count > 0)
            {
                await history.DeliverAsync(history.Broker.Parcels[0], again: false);
                continue;
            }

            var open = await steering.OpenRunsAsync();
            if (open.Count == 0 && !await IsOwedAsync(waitsForJobs))
            {
                return;
            }

            var paused = open.Find(run => run.State == RunState.Paused);
            if (paused.Run != default)
            {
                steering.Command(paused.Run, paused.Kind, "resume");
            }
            else if (open.Exists(run => run.State == RunState.AwaitingApproval) && step % 2 == 0)
            {
                await steering.DecideAsync(approves || random.Next(4) > 0 ? 0 : 8);
            }
            else
            {
                await history.LookForLateApprovalsAsync();
                await history.LetTimePassAsync(NextTimeout() is { } next && next > history.Clock.GetUtcNow() ? next - history.Clock.GetUtcNow() : open.Count > 0 ? TimeSpan.FromSeconds(30) : GivenUpJobs.BetweenLooks);
            }
        }

        invariants.Expect(false, $"no end is in sight for {string.Join(", ", (await steering.OpenRunsAsync()).Select(run => $"{history.Tale.NameOf(run.Run)} ({run.State})"))}");
    }

    /// <summary>Whether the vendor works on something, the hub looks at it, or something is owed without a run.</summary>
    private async Task<bool> IsOwedAsync(bool waitsForJobs) => (waitsForJobs && vendor.AtWorkOn.Any()) || (await database.SelectAsync(
        $"SELECT {(waitsForJobs ? "(SELECT count(*) FROM bulk_jobs) + " : "")}(SELECT count(*) FROM deliveries WHERE lane IN ('urgent', 'live') AND operation <= 3)", reader => reader.GetInt64(0))).Single() > 0;

    /// <summary>The vendor works on what was given up. One of those in it leaves, another one moves, and a run says so: what the vendor writes late is older.</summary>
    private async Task MoveOnWhileTheVendorWorksAsync()
    {
        var members = vendor.AtWorkOn.Where(customers.IsMember).Except(await witness.ErasedAsync(customers.All)).ToList();
        if (members.Count == 0)
        {
            return;
        }

        await history.StateAsync([customers.Membership(members[0], false), .. members.Skip(1).Take(1).Select(person => customers.Town(person, "Bern"))]);
        invariants.Expect(await steering.StartAsync(SyncMode.Full), "no run can be started while the vendor works");
        await ComeToRestAsync(approves: true, waitsForJobs: false);
    }

    private DateTimeOffset? NextTimeout() => database.Timeouts.Pending.Select(timeout => (DateTimeOffset?)new DateTimeOffset(timeout.Due, TimeSpan.Zero)).Min();

    /// <summary>What was accepted became a run, whoever died of it.</summary>
    private async Task ShouldHaveBegunAsync()
    {
        foreach (var run in await database.SelectAsync(
            """
            SELECT run_id FROM asked_runs WHERE run_id NOT IN (SELECT correlation_id FROM runs UNION SELECT correlation_id FROM erasures)
            UNION SELECT request_id FROM erasure_subjects WHERE request_id NOT IN (SELECT correlation_id FROM erasures)
            """,
            reader => reader.GetGuid(0)))
        {
            invariants.Expect(false, $"{history.Tale.NameOf(run)} was asked for and never began");
        }
    }

    /// <summary>Whoever was written by a run that was rolled back, and by nobody since, is as before.</summary>
    private async Task ShouldBeTakenBackAsync()
    {
        foreach (var run in (await steering.BackfillsAsync()).Select(view => view.Run).Where(run => run is { CurrentState: RunState.RolledBack, RollbackId: not null }))
        {
            var (was, by) = (history.Tale.NameOf(run.CorrelationId), history.Tale.NameOf(run.RollbackId!.Value));
            foreach (var (key, person) in vendor.People.Where(person => person.Value.Before.ContainsKey(was) && (person.Value.Writer == was || person.Value.Writer == by)))
            {
                var (outcome, code) = await OutcomeAsync(run.RollbackId!.Value, key);
                if (outcome is LedgerOutcome.Delivered or LedgerOutcome.Unchanged && !person.WrittenUnseen.Contains(was))
                {
                    invariants.Expect(person.Town == person.Before[was], $"{key} is {person.Town} after {by} took {was} back ({outcome}, {code}), and was {person.Before[was]} before");
                    invariants.Expect(code?.Contains(QuietWriting.ChangedSince, StringComparison.Ordinal) != true, $"{key} is said to have been changed after {was}, by nobody");
                }
            }
        }
    }

    /// <summary>Whom the hub undertook to erase the vendor does not have any more, and no table of the hub names.</summary>
    private async Task ShouldBeErasedAsync()
    {
        foreach (var person in await witness.ErasedAsync(customers.All))
        {
            invariants.Expect(!vendor.People.ContainsKey(person), $"{person} was erased, and the vendor has them");
            var named = await database.FindAsync(person);
            invariants.Expect(named.Count == 0, $"{person} was erased, and stands in {string.Join(", ", named)}");
        }
    }

    /// <summary>
    /// Who withdrew is a member nowhere, without a run. A destination that is told live has whatever else was stated, too: of all but those whom it refused and those of whom somebody else wrote.
    /// </summary>
    private async Task ShouldBeThereWithoutARunAsync()
    {
        foreach (var person in customers.All.Where(person => !vendor.Refused.Contains(person) && customers.IsDenied(person)))
        {
            invariants.Expect(!(vendor.People.TryGetValue(person, out var there) && there.IsMember), $"{person} withdrew, and is a member until a run comes");
        }

        if (!world.IsLive)
        {
            return;
        }

        var toBeThere = await ToBeThereAsync();
        foreach (var person in customers.All.Where(person => !vendor.Refused.Contains(person) && !customers.IsDenied(person)))
        {
            var isMember = vendor.People.TryGetValue(person, out var there) && there.IsMember;
            invariants.Expect(isMember == toBeThere.Contains(person), $"{person} is {(isMember ? "a member" : "no member")} of what is told live, and should {(isMember ? "not " : "")}be");
            if (isMember && there!.Writer != SimulatedVendor.Somebody && await witness.TakenBackByAsync(there.Writer) is null)
            {
                invariants.Expect(there.Town == customers.TownOf(person), $"{person} is in {there.Town} by {there.Writer}, where {customers.TownOf(person)} was stated, at a vendor that is told live");
            }
        }
    }

    /// <summary>What a reconciliation finds it heals: the one after it finds nothing, the vendor is as was stated, whoever wrote there.</summary>
    private async Task ShouldBeHealedAsync()
    {
        if (random.Next(2) == 0)
        {
            return;
        }

        invariants.Expect(await steering.StartAsync(SyncMode.Reconcile, Healing.All), "no reconciliation can be started");
        await ComeToRestAsync(approves: true);
        await history.LetTimePassAsync(TimeSpan.FromHours(1));
        invariants.Expect(await steering.StartAsync(SyncMode.Reconcile, Healing.Report), "no second reconciliation can be started");
        await ComeToRestAsync(approves: true);
        var found = (await database.SelectAsync(
            "SELECT missing, unexpected, different, duplicates FROM reconciliations ORDER BY requested_at DESC LIMIT 1", reader => (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)))).Single();
        invariants.Expect(found == (0, 0, 0, 0), $"a reconciliation finds {found} missing, unexpected, different and twice, right after one that healed");
        var toBeThere = await ToBeThereAsync();
        foreach (var (key, person) in vendor.People.Where(person => person.Value.IsMember))
        {
            invariants.Expect(toBeThere.Contains(key), $"{key} is a member after all was healed");
            invariants.Expect(person.Town == customers.TownOf(key), $"{key} is in {person.Town} after all was healed, where {customers.TownOf(key)} was stated");
        }
    }

    private async Task<string[]> ToBeThereAsync() => [.. customers.ToBeThere.Except(await witness.ErasedAsync(customers.All))];

    /// <summary>After one more run without a fault the vendor has everybody who is to be there, and nobody else whom the hub added.</summary>
    private async Task ShouldLoseNobodyAsync()
    {
        await history.LetTimePassAsync(TimeSpan.FromHours(1));
        invariants.Expect(await steering.StartAsync(SyncMode.Full), "no other run can be started");
        await ComeToRestAsync(approves: true);
        string[] there = [.. vendor.People.Where(person => person.Value.IsMember && person.Key != SimulatedVendor.Stranger).Select(person => person.Key).Order(StringComparer.Ordinal)];
        var toBeThere = await ToBeThereAsync();
        invariants.Expect(there.SequenceEqual(toBeThere), $"the vendor has {string.Join(", ", there)} and should have {string.Join(", ", toBeThere)}");
    }

    private async Task<(string? Outcome, string? Code)> OutcomeAsync(Guid run, string person) => (await database.SelectAsync(
        "SELECT o.outcome, o.code FROM outcomes o JOIN profiles p ON p.profile_id = o.profile_id WHERE o.run_id = @run AND p.external_id = @person",
        reader => ((string?)reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1)), ("run", run), ("person", person))).SingleOrDefault();
}
