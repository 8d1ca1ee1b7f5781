using System.Text.Json;
using IntegrationHub.BridgeProcess;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// Works up to a commit, says "frozen" and waits to be killed.
var situation = Enum.Parse<Situation>(args[0]);
var id = Guid.Parse(args[1]);
var settings = JsonSerializer.Deserialize<BridgeSettings>(args[2])!;
using var host = BridgeHost.Build(settings, services => services.ConfigureDbContext<BridgeDbContext>(x => x.AddInterceptors(new FreezeAfterCommit(situation))));
await host.StartAsync();
var bus = host.Services.GetRequiredService<IBus>();
switch (situation)
{
    case Situation.ConsumerCommitted:
        await bus.Publish(new Charge(id, Copies: 3));
        break;
    case Situation.SagaCommitted:
        await bus.Publish(new TouchOrder(id));
        break;
    case Situation.ScopeCommitted:
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var dbContext = scope.ServiceProvider.GetRequiredService<BridgeDbContext>();
            await using var transaction = await dbContext.Database.BeginTransactionAsync();
            for (var copy = 0; copy < 3; copy++)
                await scope.ServiceProvider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(id, copy));
            await dbContext.SaveChangesAsync();
            await transaction.CommitAsync();
        }

        break;
}

await new TaskCompletionSource().Task;
