using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>
/// One history of a hub with a few people, drawn by a seed: runs of every kind, people who steer them, facts that come meanwhile, messages that come late, twice or in another order, a vendor that
/// stumbles, processes that are killed or held up. After every step it is looked whether all is well, and in the end whether everything came to one.
/// </summary>
internal sealed class History : SimulatedVendor.IFate
{
    private const int MostSteps = 60;

    /// <summary>The last of the whiles: longer than the hub waits for a job of a vendor, or than a vendor tells of one. No call takes so long.</summary>
    private const int LongWhiles = 2;

    /// <summary>In one of so many moments of a call one of its people is erased.</summary>
    private const int CallsToAnErasure = 30;
    private const int MostOfAnErasure = 8;
    private static readonly DateTimeOffset _begin = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] _towns = ["Rome", "Oslo", "Lima"];
    private static readonly TimeSpan[] _jobsLast = [TimeSpan.Zero, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(30), TimeSpan.FromHours(5), TimeSpan.FromDays(2)];
    private static readonly TimeSpan[] _whiles = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(20), TimeSpan.FromHours(4), TimeSpan.FromDays(8)];

    private readonly SimulatedDatabase _database;
    private readonly Random _random;
    private readonly Dictionary<Guid, List<object>> _held = [];
    private readonly HashSet<SimulatedBroker.Parcel> _open = [];
    private readonly Customers _customers;
    private readonly Invariants _invariants;
    private readonly Witness _witness;
    private readonly Steering _steering;
    private readonly SimulatedVendor _vendor;
    private readonly Processes _processes;
    private readonly SimulatedWorld _world;
    private bool _isQuiet;
    private int _inSagas;

    public History(int seed, SimulatedDatabase database)
    {
        (_database, _random) = (database, new Random(seed));
        _world = SimulatedWorld.Draw(_random);
        (Tale, _customers) = (new Tale(Clock), new Customers(Clock));
        _invariants = new Invariants(database, Tale);
        _witness = new Witness(database, _customers, Tale, _invariants);
        _steering = new Steering(this, database, _customers, _witness, _random);
        _vendor = new SimulatedVendor(this, _witness, Clock, _world);
        var events = new Dictionary<string, EventSection> { [Customers.Viewed] = new("V", null, new Dictionary<string, string>()) { BackfillName = "V of before" } };
        var destination = Acme.Destination(_vendor, keepsConsent: false, events: events, time: new SimulatedClock.OfProcess(Clock), live: _world.IsLive);
        var configuration = Acme.Hub(keepsConsent: false, events: events, live: _world.IsLive) with
        {
            Approvals = _world.ErasuresAreAsked ? new Dictionary<string, ApprovalConfiguration> { [ApprovalKind.Erasure] = new(null, FourEyes: false, null, null) } : new Dictionary<string, ApprovalConfiguration>(),
            Audiences = new Dictionary<string, AudienceConfiguration>
            {
                [Customers.Audience] = new() { Key = Customers.Audience, DisplayName = Customers.Audience, Columns = [], Guardrail = new AudienceGuardrail(0.3, 2), Destinations = [Acme.Name] },
            },
        };
        _processes = new Processes(this, database, _witness, _random, destination, configuration, _world);
    }

    public SimulatedClock Clock { get; } = new(_begin);

    public SimulatedBroker Broker { get; } = new();

    public Tale Tale { get; }

    int SimulatedVendor.IFate.Frame => _processes.Frame;

    /// <summary>Plays the history to its end.</summary>
    /// <exception cref="BrokenInvariantException">Something did not hold.</exception>
    public async Task PlayAsync()
    {
        _database.History = this;
        _database.Reset();
        Tale.Tell($"{_world}");
        try
        {
            await BeginAsync();
            for (var step = _random.Next(MostSteps / 3, MostSteps); step > 0; step--)
            {
                await StepAsync();
                await _invariants.ShouldHoldAsync();
            }

            Tale.Tell("from here on all goes well");
            _isQuiet = true;
            _processes.LetLive();
            await new HistoryEnd(this, _world, _steering, _database, _vendor, _customers, _witness, _invariants, _random).PlayAsync();
        }
        finally
        {
            await _witness.LeaveCallsAsync();
        }
    }

    /// <summary>A transaction says something, which leaves when it commits.</summary>
    public void Hold(Guid transaction, object message)
    {
        if (!_held.TryGetValue(transaction, out var held))
        {
            _held[transaction] = held = [];
        }

        held.Add(message);
    }

    /// <summary>A transaction committed. The process may die in this moment.</summary>
    public void Committed(Guid transaction)
    {
        if (_held.Remove(transaction, out var held))
        {
            held.ForEach(Broker.Put);
        }

        if (_inSagas == 0)
        {
            _processes.Committed();
        }
    }

    Task SimulatedVendor.IFate.BeforeAsync(string call) => _isQuiet ? Task.CompletedTask : _processes.MeanwhileAsync($"before {call}");

    async Task SimulatedVendor.IFate.EraseMeanwhileAsync(Batch batch, string when)
    {
        if (_isQuiet || Tale.Depth > 1 || _random.Next(CallsToAnErasure) > 0)
        {
            return;
        }

        var item = batch.Items[_random.Next(batch.Items.Count)];
        if (item.Key == item.RemoteId)
        {
            return; // a vendor's own id, by which nobody asks for an erasure
        }

        Tale.Tell($"  meanwhile, while {batch.Operation} is {when}:");
        Tale.Depth++;
        await _steering.EraseAsync(item.Key);
        for (var step = 0; step < MostOfAnErasure && Broker.Parcels.FirstOrDefault(OfAnErasure) is { } parcel; step++)
        {
            await DeliverAsync(parcel, again: false);
            await _invariants.ShouldHoldAsync();
        }

        Tale.Depth--;
        bool OfAnErasure(SimulatedBroker.Parcel parcel) => (parcel.To == SimulatedBroker.Erasures || parcel.Message is SuppressPerson) && !_open.Contains(parcel);
    }

    Task SimulatedVendor.IFate.AppliedAsync(string call) => _isQuiet ? Task.CompletedTask : _processes.MeanwhileAsync($"after {call} was applied");

    SimulatedVendor.Answer SimulatedVendor.IFate.AnswerTo(Batch batch) => _isQuiet ? SimulatedVendor.Answer.Well : _random.Next(100) switch
    {
        < 80 => SimulatedVendor.Answer.Well,
        < 85 => SimulatedVendor.Answer.Unavailable,
        < 90 => SimulatedVendor.Answer.Lost,
        < 95 => SimulatedVendor.Answer.SomeRejected,
        _ => SimulatedVendor.Answer.SomeLater,
    };

    (TimeSpan Length, bool Fails) SimulatedVendor.IFate.CourseOf(Batch job) =>
        _isQuiet ? (TimeSpan.FromMinutes(2), false) : (_jobsLast[_random.Next(_jobsLast.Length)], _random.Next(8) == 0);

    bool SimulatedVendor.IFate.ListsLate() => !_isQuiet && _random.Next(3) == 0;

    /// <summary>What is asked for now may be accepted by a process that dies of it.</summary>
    public void RiskTheAsked()
    {
        if (!_isQuiet && _random.Next(6) == 0)
        {
            _processes.LetDieAfter(1);
        }
    }

    /// <summary>A message arrives.</summary>
    /// <param name="parcel">What arrives.</param>
    /// <param name="again">Whether nobody hears that it was taken, so that it comes once more.</param>
    public async Task DeliverAsync(SimulatedBroker.Parcel parcel, bool again)
    {
        var what = $"{parcel.Message.GetType().Name} of {Tale.NameOf(parcel.Message)} to {parcel.To}{(again ? ", which will come again" : "")}";
        _open.Add(parcel);
        try
        {
            if (parcel.To == SimulatedBroker.Hub)
            {
                if (!_isQuiet && _random.Next(14) == 0)
                {
                    _processes.LetDieAfter(_random.Next(1, 8));
                }

                if (!await ByTheHubAsync(what, hub => hub.ConsumeAsync(parcel.Message)))
                {
                    return; // nobody said that it was taken
                }
            }
            else
            {
                await ToASagaAsync(what, parcel.Message, () => _database.Consume(parcel.To, parcel.Message));
            }

            if (!again)
            {
                Broker.Acknowledge(parcel);
            }
        }
        finally
        {
            _open.Remove(parcel);
        }
    }

    public Task SweepAsync() => ByTheHubAsync("sweep", hub => hub.The<DoorbellSweeper>().SweepAsync(CancellationToken.None));

    /// <summary>What a hub does every hour.</summary>
    public async Task LookForLateApprovalsAsync()
    {
        await ByTheHubAsync("look for late approvals", hub => hub.The<ApprovalExpiry>().SweepAsync(CancellationToken.None));
        await ByTheHubAsync("and for erasures", hub => hub.The<ErasureReminder>().WorkAsync(CancellationToken.None));
    }

    public async Task LetTimePassAsync(TimeSpan length)
    {
        Tale.Tell($"{length} pass");
        Clock.Advance(length);
        await _vendor.WorkAsync();
        foreach (var timeout in _database.Timeouts.Pending.Where(timeout => timeout.Due <= Clock.GetUtcNow().UtcDateTime))
        {
            if ((_isQuiet || _random.Next(5) > 0) && _database.Timeouts.TryTake(timeout))
            {
                await ToASagaAsync($"{timeout.Message.GetType().Name} of {Tale.NameOf(timeout.Message)} rings", timeout.Message, () => _database.Ring(timeout));
            }
        }
    }

    /// <summary>The process works.</summary>
    /// <returns>False when nothing is heard of it any more.</returns>
    public Task<bool> ByTheHubAsync(string what, Func<SimulatedHub, Task> work) => _processes.ActAsync(what, work);

    /// <summary>Somebody states facts.</summary>
    public Task StateAsync(params LedgerFact[] facts) => ByTheHubAsync(
        $"it is stated: {string.Join(", ", facts.Select(fact => $"{fact.EventType} of {fact.ExternalId}"))}",
        async hub =>
        {
            _processes.LetLive(); // or it would not be known here what is stated
            var taken = await hub.Transactions.RunAsync((db, _) => hub.The<ILedger>().AppendAsync(db, facts, CancellationToken.None), CancellationToken.None);
            foreach (var fact in facts)
            {
                if (taken.Erased.Contains(fact.EventId))
                {
                    Tale.Tell($"  which is not taken in, for {fact.ExternalId} was erased");
                }
                else
                {
                    _customers.Note(fact);
                }
            }

            hub.The<LiveBell>().Expect(taken.Accepted);
        });

    /// <summary>Whoever took a message is not heard of: it comes again, to somebody else.</summary>
    public void ForgetDeliveries() => _open.Clear();

    /// <summary>Steps that lie within another one.</summary>
    public async Task PlayWithinAsync(int steps)
    {
        Tale.Depth++;
        for (var step = steps; step > 0; step--)
        {
            await StepAsync();
            await _invariants.ShouldHoldAsync();
        }

        Tale.Depth--;
    }

    /// <summary>Whoever works answers what rings, within another step.</summary>
    public async Task AnswerBellsWithinAsync()
    {
        Tale.Depth++;
        foreach (var bell in Broker.Parcels.Where(parcel => parcel.Message is DeliveryDue && !_open.Contains(parcel)).ToList())
        {
            if (Broker.Parcels.Contains(bell))
            {
                await DeliverAsync(bell, again: false);
                await _invariants.ShouldHoldAsync();
            }
        }

        Tale.Depth--;
    }

    private async Task BeginAsync()
    {
        await _processes.StartAsync();
        await ByTheHubAsync("a hub begins", hub => hub.Transactions.RunAsync(
            async (db, _) =>
            {
                var ledger = hub.The<ILedger>();
                await ledger.RouteAudiencesAsync(db, [new AudienceRoute(Customers.Audience, Acme.Name)], CancellationToken.None);
                await ledger.RouteIdentityAsync(db, [new IdentityRoute(Acme.Name, "external_id")], partitions: 2, CancellationToken.None);
                await ledger.RouteLiveAsync(db, _world.IsLive ? [new AudienceRoute(Customers.Audience, Acme.Name)] : [], partitions: 2, CancellationToken.None);
                await ledger.RouteEventsAsync(db, [new EventRoute(Acme.Name, Customers.Viewed)], partitions: 2, CancellationToken.None);
            },
            CancellationToken.None));
        _vendor.AddStranger();
        await StateAsync([.. _customers.All.Select(person => _customers.Town(person, _towns[0]))]);
        await StateAsync([.. _customers.All.Take(5).Select(person => _customers.Membership(person, true))]);
    }

    private Task StepAsync() => _random.Next(100) switch
    {
        < 58 => DeliverSomethingAsync(),
        < 66 => SweepAsync(),
        < 74 => LetTimePassAsync(_whiles[_random.Next(_random.Next(8) == 0 && Tale.Depth == 0 ? _whiles.Length : _whiles.Length - LongWhiles)]),
        < 87 => _steering.SteerAsync(),
        < 96 => ChangeTheWorldAsync(),
        < 98 => _processes.KillAndRestartAsync(),
        _ => LookForLateApprovalsAsync(),
    };

    private async Task DeliverSomethingAsync()
    {
        var waiting = Broker.Parcels.Where(parcel => !_open.Contains(parcel)).ToList();
        if (waiting.Count > 0)
        {
            var parcel = waiting[_random.Next(10) < 6 ? 0 : _random.Next(waiting.Count)];
            await DeliverAsync(parcel, again: _random.Next(parcel.Message is AudienceSyncVerified or BackfillVerified ? 3 : 12) == 0);
        }
        else
        {
            await SweepAsync();
        }
    }

    private async Task ChangeTheWorldAsync()
    {
        var person = _customers.All[_random.Next(_customers.All.Count)];
        Clock.Advance(TimeSpan.FromSeconds(1));
        switch (_random.Next(9))
        {
            case 0 or 1 or 2:
                await StateAsync(_customers.Town(person, _towns[_random.Next(_towns.Length)]));
                break;
            case 3 or 4:
                await StateAsync(_customers.Membership(person, !_customers.IsMember(person)));
                break;
            case 5:
                await StateAsync(_customers.Consent(person, _customers.IsDenied(person)));
                break;
            case 6 or 7:
                await StateAsync(_customers.Event(person));
                break;
            default:
                Tale.Tell($"somebody overwrites {person} at the vendor");
                _vendor.Overwrite(person, "Elsewhere");
                break;
        }
    }

    private async Task ToASagaAsync(string what, object message, Action consume)
    {
        Tale.Tell(what);
        _inSagas++;
        try
        {
            consume();
        }
        catch (SagaException)
        {
            Tale.Tell("  which is for no run");
        }
        finally
        {
            _inSagas--;
        }

        await _invariants.ShouldHaveMovedByAsync(message);
    }
}
