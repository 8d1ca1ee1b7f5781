using System.Data.Common;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Sqlite;
using IntegrationHub.Sagas;
using IntegrationHub.Sagas.Runs;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Sagas.Tests;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>The real storage on a SQLite file whose clock is the history's, and the real sagas on it. One for many histories: each begins with the empty tables of the first.</summary>
internal sealed class SimulatedDatabase : IAsyncDisposable, IConsumeObserver, IReceiveObserver, IPublishObserver
{
    /// <summary>Of one statement with UNION.</summary>
    private const int MostTerms = 400;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-simulation-");
    private readonly Dictionary<Guid, TaskCompletionSource> _underWay = [];
    private readonly Dictionary<ReceiveContext, (Guid? MessageId, Exception? Fault)> _received = [];
    private readonly Lock _lock = new();
    private readonly ServiceProvider _services;
    private readonly IBusControl _bus;
    private readonly Dictionary<string, SqliteCommand> _statements = [];
    private readonly SqliteConnection _eyes;
    private IReadOnlyList<string> _everywhere = [];

    private SimulatedDatabase()
    {
        var services = new ServiceCollection();
        services.Configure<RunOptions>(patience => patience.VerificationPatience = TimeSpan.FromMinutes(5));
        services.AddLogging().AddMetrics().AddSingleton<TimeProvider>(new Turned(this));
        services.AddHubStorage(new StorageOptions { Database = StorageDatabase.Sqlite, ConnectionString = $"Data Source={PathOf("hub.db")}" });
        services.ConfigureDbContext<SqliteHubDbContext>(options => options.AddInterceptors(new OwnClock(this), new Commits(this)));
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetEntityFrameworkSagaRepositoryProvider(sagas =>
            {
                sagas.ExistingDbContext<HubDbContext>();
                sagas.UseSqlite();
            });
            bus.AddSagas();
            bus.UsingInMemory((context, memory) =>
            {
                Timeouts.Install(memory);
                memory.ConfigureEndpoints(context);
            });
        });
        services.AddScoped(provider => Outbox(provider.GetRequiredService<HubDbContext>()));
        _services = services.BuildServiceProvider();
        _eyes = new SqliteConnection($"Data Source={PathOf("hub.db")};Pooling=False");
        _bus = _services.GetRequiredService<IBusControl>();
    }

    /// <summary>What the sagas have scheduled for themselves.</summary>
    public CapturedTimeouts Timeouts { get; } = new();

    public IServiceProvider Services => _services;

    /// <summary>The history that is played.</summary>
    public History History { get; set; } = null!;

    public static async Task<SimulatedDatabase> CreateAsync()
    {
        LogContext.Current = null;
        var database = new SimulatedDatabase();
        await using (var scope = database._services.CreateAsyncScope())
        {
            database.History = new History(0, database);
            await HubDatabase.MigrateAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
        }

        Copy(database.PathOf("hub.db"), database.PathOf("empty.db"));
        await database._eyes.OpenAsync();
        await database._bus.StartAsync();
        database._bus.ConnectConsumeObserver(database);
        database._bus.ConnectReceiveObserver(database);
        database._bus.ConnectPublishObserver(database);
        return database;
    }

    /// <summary>Empties the tables.</summary>
    public void Reset()
    {
        Copy(PathOf("empty.db"), PathOf("hub.db"));
        Timeouts.Clear();
    }

    /// <summary>Has a saga consume a message. The caller's thread waits: nothing else may go on meanwhile, or a history would not be the same twice.</summary>
    /// <exception cref="SagaException">The message is for no row.</exception>
    public void Consume(string saga, object message) => Consume(new Uri($"queue:{saga}"), message, _ => { });

    /// <summary>Rings what a saga scheduled, with its token.</summary>
    public void Ring(CapturedTimeouts.Timeout timeout) => Consume(timeout.Destination, timeout.Message, context => context.Headers.Set(MessageHeaders.SchedulingTokenId, timeout.Token.ToString("D")));

    /// <summary>Reads from the tables without anybody noticing.</summary>
    public async Task<T> ReadAsync<T>(Func<HubDbContext, Task<T>> read)
    {
        await using var scope = _services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<HubDbContext>());
    }

    /// <summary>Reads rows without anybody noticing, on a connection that is open all the time: the same few statements are asked after every step.</summary>
    public async Task<List<T>> SelectAsync<T>(string sql, Func<DbDataReader, T> row, params (string Name, object? Value)[] parameters)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements[sql] = statement = _eyes.CreateCommand();
            statement.CommandText = sql;
        }

        statement.Parameters.Clear();
        foreach (var (name, value) in parameters)
        {
            statement.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        await using var reader = await statement.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>The columns, of whatever table, in which a text stands.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(string text)
    {
        if (_everywhere.Count == 0)
        {
            var columns = await SelectAsync(
                "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
                reader => $"SELECT '{reader.GetString(0)}.{reader.GetString(1)}' FROM \"{reader.GetString(0)}\" WHERE typeof(\"{reader.GetString(1)}\") = 'text' AND instr(\"{reader.GetString(1)}\", @text) > 0");
            _everywhere = [.. columns.Chunk(MostTerms).Select(some => string.Join(" UNION ALL ", some))];
        }

        var found = new List<string>();
        foreach (var some in _everywhere)
        {
            found.AddRange(await SelectAsync(some, reader => reader.GetString(0), ("text", text)));
        }

        return [.. found.Distinct()];
    }

    /// <summary>What the hub believes of whom, for whoever looks for the cause of a broken history.</summary>
    public async Task<IReadOnlyList<string>> DescribeAsync()
    {
        var lines = new List<string>();
        foreach (var table in new[] { "destination_members", "memberships", "deliveries", "outcomes" })
        {
            lines.AddRange(await SelectAsync(
                $"SELECT coalesce(p.external_id, '') AS person, t.* FROM {table} t LEFT JOIN profiles p ON p.profile_id = t.profile_id ORDER BY person",
                reader => $"{table}: {string.Join(", ", Enumerable.Range(0, reader.FieldCount).Where(at => !reader.IsDBNull(at)).Select(at => $"{reader.GetName(at)}={reader.GetValue(at)}"))}"));
        }

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await _bus.StopAsync();
        foreach (var statement in _statements.Values)
        {
            await statement.DisposeAsync();
        }

        await _eyes.DisposeAsync();
        await _services.DisposeAsync();
        LogContext.Current = null;
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    public Task PreConsume<T>(ConsumeContext<T> context)
        where T : class => Note(context, null);

    public Task PostConsume<T>(ConsumeContext<T> context)
        where T : class => Note(context, null);

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
        where T : class => Note(context, exception);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    /// <summary>Nothing of the message goes on any more: it is committed, or given up after whatever was tried again.</summary>
    public Task PostReceive(ReceiveContext context)
    {
        TaskCompletionSource? done = null;
        Exception? fault;
        lock (_lock)
        {
            _received.Remove(context, out var received);
            fault = received.Fault;
            if (received.MessageId is { } id)
            {
                _underWay.Remove(id, out done);
            }
        }

        _ = fault is null ? done?.TrySetResult() : done?.TrySetException(fault);
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception) => PostReceive(context);

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task PrePublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class
    {
        History.Broker.Put(context.Message);
        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;

    private void Consume(Uri address, object message, Action<SendContext> customize)
    {
        var id = NewId.NextGuid();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _underWay[id] = done;
        }

        SendAsync(address, message, context =>
        {
            context.MessageId = id;
            customize(context);
        }).GetAwaiter().GetResult();
        done.Task.WaitAsync(TestServers.Poll.Patience).GetAwaiter().GetResult();
    }

    private async Task SendAsync(Uri address, object message, Action<SendContext> customize) =>
        await (await _bus.GetSendEndpoint(address)).Send(message, message.GetType(), Pipe.Execute(customize));

    private Task Note(ConsumeContext context, Exception? fault)
    {
        lock (_lock)
        {
            _received[context.ReceiveContext] = (context.MessageId, fault);
        }

        return Task.CompletedTask;
    }

    /// <summary>What a transaction says leaves when it commits.</summary>
    private IPublishEndpoint Outbox(HubDbContext db) => History.Broker.Endpoint<IPublishEndpoint>(message => History.Hold(db.Database.CurrentTransaction!.TransactionId, message));

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);

    private static void Copy(string from, string to)
    {
        using var source = new SqliteConnection($"Data Source={from}");
        using var target = new SqliteConnection($"Data Source={to}");
        source.Open();
        target.Open();
        source.BackupDatabase(target);
    }

    /// <summary>The clock of the sagas and the storage.</summary>
    private sealed class Turned(SimulatedDatabase database) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => database.History.Clock.GetUtcNow();

        public override long GetTimestamp() => GetUtcNow().UtcTicks;
    }

    /// <summary>The database's clock, and no waiting for the disk.</summary>
    private sealed class OwnClock(SimulatedDatabase database) : DbConnectionInterceptor
    {
        private const double JulianDayOfTheEpoch = 2_440_587.5;

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Set(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Set(connection);
            return Task.CompletedTask;
        }

        private void Set(DbConnection connection)
        {
            ((SqliteConnection)connection).CreateFunction<string, double>("julianday", _ => JulianDayOfTheEpoch + (database.History.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalDays);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous = OFF;";
            command.ExecuteNonQuery();
        }
    }

    /// <summary>Tells the history of every commit.</summary>
    private sealed class Commits(SimulatedDatabase database) : DbTransactionInterceptor
    {
        public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => database.History.Committed(eventData.TransactionId);

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            database.History.Committed(eventData.TransactionId);
            return Task.CompletedTask;
        }
    }
}
